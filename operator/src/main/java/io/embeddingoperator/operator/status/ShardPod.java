package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.desired.RunnerPod;
import io.embeddingoperator.operator.observe.RunnerEndpoint;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** A pod of an Indexed Job, in the terms of a run. */
record ShardPod(Pod pod) {
    private static final String INDEX = RunnerEndpoint.SHARD_ANNOTATION;
    private static final String NODE_LOST = "NodeLost";
    private static final String FAILURES_BEFORE = RunnerEndpoint.FAILURES_ANNOTATION;

    /** Of two pods of a shard the one that counts is the greater: Kubernetes makes a new one once the old one has ended. */
    static final Comparator<ShardPod> NEWEST_LAST = Comparator.comparing(ShardPod::created)
            .thenComparingInt(ShardPod::attempt)
            .thenComparing(ShardPod::isLive)
            .thenComparing(ShardPod::name);

    String name() {
        return pod.getMetadata().getName();
    }

    String namespace() {
        return pod.getMetadata().getNamespace();
    }

    /** Empty when the pod does not say. */
    OptionalInt shard() {
        OptionalInt annotated = number(pod.getMetadata().getAnnotations(), INDEX);
        return annotated.isPresent() ? annotated : number(pod.getMetadata().getLabels(), INDEX);
    }

    /** From 1; disruptions do not count. */
    int attempt() {
        return number(pod.getMetadata().getAnnotations(), FAILURES_BEFORE).orElse(0) + 1;
    }

    String phase() {
        return Objects.requireNonNullElse(status().getPhase(), "Pending");
    }

    boolean isLive() {
        return !phase().equals("Succeeded") && !phase().equals("Failed");
    }

    boolean isTerminating() {
        return isLive() && pod.getMetadata().getDeletionTimestamp() != null;
    }

    boolean isRunning() {
        return phase().equals("Running") && !isTerminating() && disruption().isEmpty() && !isOnUnreachableNode();
    }

    /**
     * Kubernetes itself says that the pod is not ready, while the container is as the kubelet said last: Kubernetes has not heard of
     * the node for a while. This tells without the right to read nodes, for a runner has no readiness probe of its own.
     */
    boolean isOnUnreachableNode() {
        boolean notReady = condition("Ready")
                .filter(ready -> "False".equals(ready.getStatus()))
                .isPresent();
        return isLive()
                && (NODE_LOST.equals(status().getReason())
                        || notReady
                                && container()
                                        .filter(container -> Boolean.TRUE.equals(container.getReady()))
                                        .isPresent());
    }

    /** Empty when the pod has none. */
    Optional<String> node() {
        return Optional.ofNullable(pod.getSpec()).map(PodSpec::getNodeName);
    }

    /** Since when its runner runs, in RFC 3339: not before its image was pulled. Where the kubelet does not say, since it has a node. */
    String runningSince() {
        return runner().map(ContainerState::getRunning)
                .map(ContainerStateRunning::getStartedAt)
                .orElseGet(status()::getStartTime);
    }

    /** The pod is being stopped, or was, for a reason that lies outside of it. */
    Optional<PodCondition> disruption() {
        return condition("DisruptionTarget").filter(condition -> "True".equals(condition.getStatus()));
    }

    Optional<PodCondition> condition(String type) {
        return status().getConditions().stream()
                .filter(condition -> type.equals(condition.getType()))
                .findFirst();
    }

    /** How the runner's container ended. */
    Optional<ContainerStateTerminated> ended() {
        return runner().map(ContainerState::getTerminated);
    }

    /** How it ended before Kubernetes started it again, as the pods of endpoints are. */
    Optional<ContainerStateTerminated> endedBefore() {
        return container().map(ContainerStatus::getLastState).map(ContainerState::getTerminated);
    }

    /** What the runner is started from; empty when the pod does not say. */
    Optional<String> image() {
        return containers()
                .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                .map(Container::getImage)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private Optional<ContainerState> runner() {
        return container().map(ContainerStatus::getState);
    }

    private Optional<ContainerStatus> container() {
        return status().getContainerStatuses().stream()
                .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                .findFirst();
    }

    Stream<Container> containers() {
        return Stream.ofNullable(pod.getSpec()).flatMap(spec -> spec.getContainers().stream());
    }

    PodStatus status() {
        return Objects.requireNonNullElseGet(pod.getStatus(), PodStatus::new);
    }

    /** RFC 3339 in UTC, to the second: sorts as text. */
    String created() {
        return Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), "");
    }

    private static OptionalInt number(Map<String, String> entries, String key) {
        return Stream.ofNullable(entries)
                .map(each -> each.get(key))
                .filter(text -> text != null && text.matches("\\d{1,9}"))
                .mapToInt(Integer::parseInt)
                .findFirst();
    }
}
