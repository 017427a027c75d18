package io.embeddingoperator.operator.status;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalInt;

/** A pod of an Indexed Job, in the terms of a run. */
record RunnerPod(Pod pod) {
    static final String CONTAINER = "runner";

    private static final String INDEX = "batch.kubernetes.io/job-completion-index";
    private static final String FAILURES_BEFORE = "batch.kubernetes.io/job-index-failure-count";

    /** Of two pods of a shard the one that counts is the greater: Kubernetes makes a new one once the old one has ended. */
    static final Comparator<RunnerPod> NEWEST_LAST = Comparator.comparing(RunnerPod::created)
            .thenComparingInt(RunnerPod::attempt)
            .thenComparing(RunnerPod::isLive)
            .thenComparing(RunnerPod::name);

    String name() {
        return pod.getMetadata().getName();
    }

    String namespace() {
        return pod.getMetadata().getNamespace();
    }

    /** Empty when the pod does not say. */
    OptionalInt shard() {
        OptionalInt annotated = annotation(INDEX);
        return annotated.isPresent() || pod.getMetadata().getLabels() == null
                ? annotated
                : number(pod.getMetadata().getLabels().get(INDEX));
    }

    /** From 1; disruptions do not count. */
    int attempt() {
        return annotation(FAILURES_BEFORE).orElse(0) + 1;
    }

    String phase() {
        return status().getPhase() == null ? "Pending" : status().getPhase();
    }

    boolean isLive() {
        return !phase().equals("Succeeded") && !phase().equals("Failed");
    }

    boolean isLeaving() {
        return isLive() && pod.getMetadata().getDeletionTimestamp() != null;
    }

    boolean isRunning() {
        return phase().equals("Running") && !isLeaving() && disruption().isEmpty();
    }

    boolean hasRunFor(Duration time, Instant now) {
        return isOlder(status().getStartTime(), time, now);
    }

    /** A time that is missing or that nobody can read is long ago: a trouble is told of rather than kept back. */
    static boolean isOlder(String time, Duration age, Instant now) {
        try {
            return time == null || !Instant.parse(time).plus(age).isAfter(now);
        } catch (DateTimeException _) {
            return true;
        }
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
        return status().getContainerStatuses().stream()
                .filter(container -> CONTAINER.equals(container.getName()))
                .map(ContainerStatus::getState)
                .filter(state -> state != null && state.getTerminated() != null)
                .map(state -> state.getTerminated())
                .findFirst();
    }

    PodStatus status() {
        return pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    }

    /** RFC 3339 in UTC, to the second: sorts as text. */
    private String created() {
        String created = pod.getMetadata().getCreationTimestamp();
        return created == null ? "" : created;
    }

    private OptionalInt annotation(String key) {
        return pod.getMetadata().getAnnotations() == null
                ? OptionalInt.empty()
                : number(pod.getMetadata().getAnnotations().get(key));
    }

    private static OptionalInt number(String text) {
        return text != null && text.matches("\\d{1,9}") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }
}
