package io.embeddingoperator.operator.testing;

import static io.embeddingoperator.operator.testing.Eventually.eventually;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.operator.desired.EndpointLabels;
import io.embeddingoperator.operator.desired.RunLabels;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Plays the node: the pods of a cluster without one do what a test says. */
public final class TestingPods {
    private static final String SHARD = "batch.kubernetes.io/job-completion-index";

    private final KubernetesClient client;
    private final String namespace;

    public TestingPods(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** The pods of a job that have not ended and are not told to, by shard. */
    public List<Pod> alive(String job) {
        return all(job).stream().filter(TestingPods::isAlive).toList();
    }

    /** The pods of an endpoint that are not told to end, the oldest first. */
    public List<Pod> ofEndpoint(String endpoint) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel(EndpointLabels.ENDPOINT, endpoint)
                .list()
                .getItems()
                .stream()
                .filter(TestingPods::isAlive)
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()))
                .toList();
    }

    private static boolean isAlive(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && !List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase());
    }

    public List<Pod> all(String job) {
        return client.pods().inNamespace(namespace).withLabel(RunLabels.JOB, job).list().getItems().stream()
                .sorted(Comparator.comparingInt(TestingPods::shard))
                .toList();
    }

    public static int shard(Pod pod) {
        return Integer.parseInt(pod.getMetadata().getAnnotations().get(SHARD));
    }

    /** The pod runs and has an address. */
    public void run(Pod pod, String address) {
        ContainerStatus running = container(pod)
                .withReady(true)
                .withStarted(true)
                .withNewState()
                .withNewRunning()
                .withStartedAt(Instant.now().toString())
                .endRunning()
                .endState()
                .build();
        change(
                pod,
                present -> present.editOrNewStatus()
                        .withPhase("Running")
                        .withPodIP(address)
                        .addNewPodIP(address)
                        .withStartTime(Instant.now().toString())
                        .withConditions()
                        .addNewCondition()
                        .withType("PodScheduled")
                        .withStatus("True")
                        .endCondition()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .endCondition()
                        .withContainerStatuses(running)
                        .endStatus());
    }

    /** The runner ends well, with its final report. */
    public void succeed(Pod pod, Progress report) {
        end(pod, "Succeeded", 0, TerminationMessage.write(report));
    }

    /** The runner ends badly. */
    public void fail(Pod pod, int exitCode, String message) {
        end(pod, "Failed", exitCode, message);
    }

    private void end(Pod pod, String phase, int exitCode, String message) {
        ContainerStatus terminated = container(pod)
                .withReady(false)
                .withNewState()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withReason(exitCode == 0 ? "Completed" : "Error")
                .withMessage(message)
                .withStartedAt(Instant.now().toString())
                .withFinishedAt(Instant.now().toString())
                .endTerminated()
                .endState()
                .build();
        change(
                pod,
                present -> present.editOrNewStatus()
                        .withPhase(phase)
                        .withContainerStatuses(terminated)
                        .endStatus());
    }

    private static ContainerStatusBuilder container(Pod pod) {
        return new ContainerStatusBuilder()
                .withName(pod.getSpec().getContainers().getFirst().getName())
                .withImage(pod.getSpec().getContainers().getFirst().getImage())
                .withImageID("")
                .withRestartCount(0);
    }

    /** Scheduler and Job controller write to the pod as well: again, when one of them was faster. */
    private void change(Pod pod, UnaryOperator<PodBuilder> change) {
        eventually(() -> client.pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(present -> change.apply(new PodBuilder(present)).build()));
    }
}
