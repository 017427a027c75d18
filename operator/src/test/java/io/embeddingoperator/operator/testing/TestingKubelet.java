package io.embeddingoperator.operator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Says of pods that they run and how they ended, as a kubelet would; there is no node and no process. */
public final class TestingKubelet {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final String NODE = "nowhere";
    private static final Set<String> NOT_OVER = Set.of("Pending", "Running");

    private final KubernetesClient client;
    private final String namespace;

    public TestingKubelet(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        // Pods on a node that is not there are deleted sooner or later.
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NODE)
                        .endMetadata()
                        .withNewSpec()
                        .withUnschedulable(true)
                        .endSpec()
                        .build())
                .serverSideApply();
    }

    /** The pods of a Job that have not ended and are not being deleted, once there are so many. */
    public List<Pod> awaitPods(String job, int count) {
        Instant end = Instant.now().plus(PATIENCE);
        List<Pod> pods = pods(job);
        while (pods.size() != count && Instant.now().isBefore(end)) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            pods = pods(job);
        }
        assertThat(pods).as("pods of the Job %s", job).hasSize(count);
        return pods;
    }

    private List<Pod> pods(String job) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel("batch.kubernetes.io/job-name", job)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> NOT_OVER.contains(pod.getStatus().getPhase()))
                .toList();
    }

    /** Its container runs. */
    public void start(Pod pod) {
        client.bindings()
                .resource(new BindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name(pod))
                        .endMetadata()
                        .withNewTarget()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(NODE)
                        .endTarget()
                        .build())
                .create();
        report(
                pod,
                status(
                        pod,
                        "Running",
                        new ContainerStateBuilder().withNewRunning().endRunning()));
    }

    /** Its container has ended. */
    public void end(Pod pod, int exitCode) {
        report(pod, ended(pod, exitCode));
    }

    /** It was disturbed from outside, and its container has ended. */
    public void endDisrupted(Pod pod, int exitCode) {
        report(
                pod,
                ended(pod, exitCode)
                        .addNewCondition()
                        .withType("DisruptionTarget")
                        .withStatus("True")
                        .withReason("EvictionByEvictionAPI")
                        .endCondition());
    }

    /** A pod that was deleted has ended, and the kubelet removes it. */
    public void endDeleted(Pod pod, int exitCode) {
        report(pod, ended(pod, exitCode));
        client.resource(pod).withGracePeriod(0).delete();
    }

    /** An annotation that the Job controller keeps on a pod, without its domain. */
    public static String annotation(Pod pod, String name) {
        return pod.getMetadata().getAnnotations().get("batch.kubernetes.io/" + name);
    }

    private static PodStatusBuilder ended(Pod pod, int exitCode) {
        String now = Instant.now().toString();
        return status(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withStartedAt(now)
                        .withFinishedAt(now)
                        .endTerminated());
    }

    private static PodStatusBuilder status(Pod pod, String phase, ContainerStateBuilder state) {
        return new PodStatusBuilder()
                .withPhase(phase)
                .addNewContainerStatus()
                .withName(pod.getSpec().getContainers().getFirst().getName())
                .withImage("image")
                .withImageID("")
                .withReady(false)
                .withRestartCount(0)
                .withState(state.build())
                .endContainerStatus();
    }

    /** A patch without the resource version, which also succeeds after a write of the scheduler or the Job controller. */
    private void report(Pod pod, PodStatusBuilder status) {
        Pod change = new PodBuilder().withStatus(status.build()).build();
        client.pods()
                .inNamespace(namespace)
                .withName(name(pod))
                .subresource("status")
                .patch(MERGE, client.getKubernetesSerialization().asJson(change));
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }
}
