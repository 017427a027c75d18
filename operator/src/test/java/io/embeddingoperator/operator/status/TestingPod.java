package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;

/** Pods as a cluster shows them. */
record TestingPod(Pod pod) {
    static final String IMAGE = "registry.example/embedding-runner:0.1.0";

    static TestingPod of(int shard) {
        return new TestingPod(new PodBuilder()
                .withNewMetadata()
                .withName("articles-1-%d-abcde".formatted(shard))
                .withNamespace("corpus")
                .withCreationTimestamp(TestingRun.NOW.minusSeconds(60).toString())
                .addToAnnotations("batch.kubernetes.io/job-completion-index", Integer.toString(shard))
                .addToAnnotations("batch.kubernetes.io/job-index-failure-count", "0")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("runner")
                .withImage(IMAGE)
                .addNewEnv()
                .withName("EMBEDDING_SINK_URI")
                .withNewValueFrom()
                .withNewSecretKeyRef("uri", "vectors", false)
                .endValueFrom()
                .endEnv()
                .withNewResources()
                .addToLimits("memory", new Quantity("4Gi"))
                .addToLimits("nvidia.com/gpu", new Quantity("1"))
                .endResources()
                .endContainer()
                .addNewVolume()
                .withName("source")
                .withNewPersistentVolumeClaim("corpus", true)
                .endVolume()
                .endSpec()
                .withNewStatus()
                .withPhase("Pending")
                .withStartTime(TestingRun.NOW.minusSeconds(60).toString())
                .endStatus()
                .build());
    }

    TestingPod withImageVolume(String reference) {
        return new TestingPod(new PodBuilder(pod)
                .editSpec()
                .addNewVolume()
                .withName("model")
                .withNewImage()
                .withReference(reference)
                .endImage()
                .endVolume()
                .endSpec()
                .build());
    }

    static TestingPod pending(int shard) {
        return of(shard);
    }

    static TestingPod running(int shard) {
        return of(shard).phase("Running");
    }

    static TestingPod waiting(int shard, String reason, String message) {
        return of(shard)
                .container(new ContainerStateBuilder()
                        .withNewWaiting(message, reason)
                        .build());
    }

    static TestingPod unschedulable(int shard, String message) {
        return of(shard).condition("PodScheduled", "False", "Unschedulable", message, 30);
    }

    static TestingPod succeeded(int shard, Progress said) {
        return of(shard).phase("Succeeded").terminated(0, "Completed", TerminationMessage.write(said));
    }

    static TestingPod failed(int shard, int exitCode, Progress said) {
        return failed(shard, exitCode, said == null ? null : TerminationMessage.write(said));
    }

    static TestingPod failed(int shard, int exitCode, String message) {
        return of(shard).phase("Failed").terminated(exitCode, "Error", message);
    }

    /** A pod that the node ended before, or without, its container. */
    static TestingPod turnedAway(int shard, String reason, String message) {
        return new TestingPod(new PodBuilder(of(shard).phase("Failed").pod())
                .editStatus()
                .withReason(reason)
                .withMessage(message)
                .endStatus()
                .build());
    }

    /** What a kubelet writes beside the end of the containers that it killed. */
    TestingPod endedByNode(String reason, String message) {
        return new TestingPod(new PodBuilder(pod)
                .editStatus()
                .withReason(reason)
                .withMessage(message)
                .endStatus()
                .build());
    }

    TestingPod onNode(String name) {
        return new TestingPod(
                new PodBuilder(pod).editSpec().withNodeName(name).endSpec().build());
    }

    /** As its kubelet said last. */
    TestingPod ready() {
        return new TestingPod(
                new PodBuilder(runningSince(TestingRun.NOW.minusSeconds(60)).pod())
                        .editStatus()
                        .editFirstContainerStatus()
                        .withReady(true)
                        .endContainerStatus()
                        .endStatus()
                        .build());
    }

    TestingPod phase(String phase) {
        return new TestingPod(
                new PodBuilder(pod).editStatus().withPhase(phase).endStatus().build());
    }

    TestingPod named(String name) {
        return new TestingPod(
                new PodBuilder(pod).editMetadata().withName(name).endMetadata().build());
    }

    TestingPod created(Instant time) {
        return new TestingPod(new PodBuilder(pod)
                .editMetadata()
                .withCreationTimestamp(time.toString())
                .endMetadata()
                .build());
    }

    TestingPod startedAt(Instant time) {
        return new TestingPod(new PodBuilder(pod)
                .editStatus()
                .withStartTime(time.toString())
                .endStatus()
                .build());
    }

    /** The container runs since then, which the node may have had to pull an image for. */
    TestingPod runningSince(Instant time) {
        return container(
                new ContainerStateBuilder().withNewRunning(time.toString()).build());
    }

    TestingPod attempt(int number) {
        return new TestingPod(new PodBuilder(pod)
                .editMetadata()
                .addToAnnotations("batch.kubernetes.io/job-index-failure-count", Integer.toString(number - 1))
                .endMetadata()
                .build());
    }

    /** The same, which ended so long ago. */
    TestingPod endedBefore(int secondsAgo) {
        return new TestingPod(new PodBuilder(pod)
                .editStatus()
                .editFirstContainerStatus()
                .editState()
                .editTerminated()
                .withFinishedAt(TestingRun.NOW.minusSeconds(secondsAgo).toString())
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build());
    }

    TestingPod leaving() {
        return new TestingPod(new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp(TestingRun.NOW.toString())
                .endMetadata()
                .build());
    }

    TestingPod condition(String type, String status, String reason, String message, int secondsAgo) {
        return new TestingPod(new PodBuilder(pod)
                .editStatus()
                .addToConditions(new PodConditionBuilder()
                        .withType(type)
                        .withStatus(status)
                        .withReason(reason)
                        .withMessage(message)
                        .withLastTransitionTime(
                                TestingRun.NOW.minusSeconds(secondsAgo).toString())
                        .build())
                .endStatus()
                .build());
    }

    TestingPod terminated(int exitCode, String reason, String message) {
        return container(new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withReason(reason)
                .withMessage(message)
                .endTerminated()
                .build());
    }

    private TestingPod container(ContainerState state) {
        return new TestingPod(new PodBuilder(pod)
                .editStatus()
                .addNewContainerStatus()
                .withName("runner")
                .withImage(IMAGE)
                .withState(state)
                .endContainerStatus()
                .endStatus()
                .build());
    }

    String name() {
        return pod.getMetadata().getName();
    }
}
