package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.embeddingoperator.cluster.controlplane.TestingControlPlane;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node as the real controllers see it: Jobs on it, drained, lost and found, with an API server that restarts. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LocalNodeLifeIT {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    Path folder;

    private ControlPlane controlPlane;
    private KubernetesClient client;
    private LocalNode node;
    private TestingPods pods;

    @BeforeEach
    void join() {
        controlPlane = TestingControlPlane.shared();
        client = controlPlane.client();
        pods = TestingPods.inNewNamespace();
        node = join("first-node-of-" + pods.namespace());
    }

    @AfterEach
    void leave() {
        node.close();
    }

    private LocalNode join(String name) {
        return LocalNode.join(
                client, NodeSettings.of(name, folder.resolve(name)).withImage(TestingPods.IMAGE, TestingPods.BASH));
    }

    @Test
    void anIndexedJobRunsEveryIndexAndRepeatsTheOneThatFailed() {
        // given four indexes, of which one fails
        createJob(4, "[[ $JOB_COMPLETION_INDEX != 2 ]] || exit 75", 1);

        // when
        Job failed = awaitJob(job -> condition(job, "Failed") || condition(job, "Complete"));

        // then the index was tried twice, and only it
        assertThat(failed.getStatus().getCompletedIndexes()).isEqualTo("0,1,3");
        assertThat(failed.getStatus().getFailedIndexes()).isEqualTo("2");
        assertThat(failed.getStatus().getFailed()).isEqualTo(2);
    }

    @Test
    void anIndexedJobCompletes() {
        // when
        createJob(4, "echo index $JOB_COMPLETION_INDEX", 0);

        // then
        Job job = awaitJob(done -> condition(done, "Complete"));
        assertThat(job.getStatus().getCompletedIndexes()).isEqualTo("0-3");
        assertThat(job.getStatus().getSucceeded()).isEqualTo(4);
    }

    @Test
    void aDrainedNodesPodsAreEvictedAndGoOnElsewhere() throws Exception {
        // given a Job whose only pod runs on the node
        createJob(1, "trap 'exit 143' TERM; echo up; while :; do sleep 0.1; done", 0);
        Pod first = awaitRunningPodOn(node.name());

        // when another node joins and the first is drained
        try (LocalNode other = join("second-node-of-" + pods.namespace())) {
            node.drain();

            // then
            Pod second = awaitRunningPodOn(other.name());
            assertThat(second.getMetadata().getUid())
                    .isNotEqualTo(first.getMetadata().getUid());
            assertThat(client.nodes().withName(node.name()).get().getSpec().getUnschedulable())
                    .isTrue();
            assertThat(client.batch()
                            .v1()
                            .jobs()
                            .inNamespace(pods.namespace())
                            .withName("job")
                            .get()
                            .getStatus()
                            .getFailed())
                    .as("an evicted pod is no failure")
                    .isNull();
        }
    }

    @Test
    void aPodOutlivesARestartOfTheApiServerAndItsEndIsReported() {
        // given
        pods.create("survivor", "echo up; sleep 5; exit 7");
        pods.awaitPhase("survivor", "Running");

        // when the API server is away while the pod ends
        controlPlane.killApiServer();
        sleep(7);
        controlPlane.restartApiServer();

        // then
        assertThat(pods.awaitEnd("survivor").getExitCode()).isEqualTo(7);

        // and new pods run
        pods.create("next", "exit 0");
        pods.awaitPhase("next", "Succeeded");
    }

    @Test
    void aSilentNodeIsLostAndFoundAgain() {
        // given a pod that runs on, and another node: where all are silent, Kubernetes blames itself and evicts nothing
        // A new node may be taken for lost for a moment, the more so when the API server was away: then such a pod goes
        // at once.
        do {
            pods.awaitGone("lonely");
            pods.create("lonely", "echo up; sleep 600", LocalNodeLifeIT::withoutPatience);
        } while (!pods.awaitRunningOrGone("lonely"));
        try (LocalNode other = join("second-node-of-" + pods.namespace())) {

            // when
            node.stopResponding();

            // then
            awaitReady(node, "Unknown");
            awaitReady(other, "True");
            pods.await("lonely", pod -> pod.getMetadata().getDeletionTimestamp() != null);

            // and when it is back
            node.respondAgain();

            // then it ends what was to end, and is ready
            awaitReady(node, "True");
            pods.awaitGone("lonely");
        }
    }

    @Test
    void aFrozenNodesProcessesStandStillAndGoOnWhereTheyWere() throws IOException {
        // given a pod that counts
        pods.create("counter", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done");
        pods.awaitPhase("counter", "Running");
        Path log = node.logs(pods.namespace(), "counter").resolve("main/0.log");

        // when
        node.freeze();
        sleep(1);
        long frozen = Files.size(log);
        sleep(1);

        // then
        assertThat(Files.size(log)).isEqualTo(frozen);

        // and when it thaws
        node.thaw();
        sleep(1);

        // then it goes on from there
        assertThat(Files.size(log)).isGreaterThan(frozen);
        List<String> lines = Files.readAllLines(log);
        assertThat(lines.getLast()).isEqualTo(Integer.toString(lines.size()));
        node.respondAgain();
    }

    @Test
    void aNodeThatComesBackLeavesAloneWhatHasEndedAndSaysWhatWasLost() {
        // given a pod that has ended and one that runs
        pods.create("ended", "exit 0", this::onThisNodeWithEndlessPatience);
        pods.create("running", "echo up; sleep 600", this::onThisNodeWithEndlessPatience);
        pods.awaitPhase("ended", "Succeeded");
        pods.awaitPhase("running", "Running");

        // when the node and all its processes go, and it comes back
        node.close();
        node = join(node.name());

        // then
        assertThat(pods.awaitEnd("running"))
                .extracting(ContainerStateTerminated::getExitCode, ContainerStateTerminated::getReason)
                .containsExactly(137, "ContainerStatusUnknown");
        assertThat(pods.awaitPhase("ended", "Succeeded")).isNotNull();
        client.pods().inNamespace(pods.namespace()).delete();
        pods.awaitGone("ended");
        pods.awaitGone("running");
    }

    private static PodSpecBuilder withoutPatience(PodSpecBuilder spec) {
        return spec.withTerminationGracePeriodSeconds(1L)
                .addNewToleration("NoExecute", "node.kubernetes.io/unreachable", "Exists", 0L, null);
    }

    /**
     * The pods of this control plane are evicted two seconds after their node went silent, which a busy machine brings about. And a
     * pod that puts up with everything may be bound to a node that another test has left for good.
     */
    private PodSpecBuilder onThisNodeWithEndlessPatience(PodSpecBuilder spec) {
        return spec.addToNodeSelector("kubernetes.io/hostname", node.name())
                .addNewToleration()
                .withOperator("Exists")
                .withEffect("NoExecute")
                .endToleration();
    }

    private void awaitReady(LocalNode node, String status) {
        client.nodes()
                .withName(node.name())
                .waitUntilCondition(seen -> isReady(seen, status), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static boolean isReady(Node node, String status) {
        return node.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals(status));
    }

    private void createJob(int completions, String script, int retries) {
        client.batch()
                .v1()
                .jobs()
                .inNamespace(pods.namespace())
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withName("job")
                        .endMetadata()
                        .withNewSpec()
                        .withCompletionMode("Indexed")
                        .withCompletions(completions)
                        .withParallelism(completions)
                        .withBackoffLimitPerIndex(retries)
                        .withNewPodFailurePolicy()
                        .addNewRule()
                        .withAction("Ignore")
                        .addNewOnPodCondition("True", "DisruptionTarget")
                        .endRule()
                        .endPodFailurePolicy()
                        .withNewTemplate()
                        .withSpec(TestingPods.spec(script))
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
    }

    private Job awaitJob(Predicate<Job> condition) {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(pods.namespace())
                .withName("job")
                .waitUntilCondition(job -> job != null && condition.test(job), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static boolean condition(Job job, String type) {
        return job.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals(type)
                        && condition.getStatus().equals("True"));
    }

    private Pod awaitRunningPodOn(String name) {
        return client
                .pods()
                .inNamespace(pods.namespace())
                .withLabel("job-name", "job")
                .informOnCondition(found -> found.stream().anyMatch(pod -> runsOn(pod, name)))
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join()
                .stream()
                .filter(pod -> runsOn(pod, name))
                .findFirst()
                .orElseThrow();
    }

    private static boolean runsOn(Pod pod, String node) {
        return node.equals(pod.getSpec().getNodeName())
                && "Running".equals(pod.getStatus().getPhase())
                && pod.getMetadata().getDeletionTimestamp() == null;
    }

    private static void sleep(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
