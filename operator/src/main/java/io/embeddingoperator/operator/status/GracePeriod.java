package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a usual state may last before the status calls it a trouble. Time passes without an event, so the operator has to look
 * at a run again when the period ends.
 *
 * @param since when it began, in RFC 3339, or null where no object tells
 */
public record GracePeriod(@Nullable String since, Duration length) {
    /** A pod waits this long for the place of the one before it as a matter of course. */
    private static final Duration FOR_SCHEDULER = Duration.ofSeconds(10);

    /** Volumes mount within this, and most images are pulled. */
    private static final Duration FOR_KUBELET = Duration.ofMinutes(2);

    /** A JVM starts and answers within this; what a runner waits for while it plans, it says itself. */
    private static final Duration FOR_RUNNER = Duration.ofSeconds(30);

    /** Kubernetes makes the pods of a Job within seconds, even when it is busy. */
    private static final Duration FOR_JOB = Duration.ofMinutes(2);

    /** A kubelet tells within a moment that a pod has ended, and ends it when its time is over. */
    private static final Duration FOR_NODE = Duration.ofSeconds(30);

    /** The pods of a Job that is deleted in the foreground end within their half minute. */
    private static final Duration FOR_DELETION = Duration.ofMinutes(1);

    /** Reads times that are written to the second. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    /** When to look again, though nothing happens: empty when no time that passes makes a difference. */
    public static Optional<Duration> untilNextLook(EmbeddingJob manifest, Observation seen) {
        return Stream.of(ofJob(manifest, seen), ofPods(seen), RunEnd.gracePeriod(manifest, seen).stream())
                .flatMap(Function.identity())
                .map(period -> period.left(seen.at()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .map(SLACK::plus);
    }

    private static Stream<GracePeriod> ofJob(EmbeddingJob manifest, Observation seen) {
        JobState job = JobState.of(manifest, seen.job());
        Stream<JobState> jobs =
                Stream.concat(Stream.of(job), seen.olderRuns().stream().map(older -> JobState.of(manifest, older)));
        boolean podless = job.exists()
                && !job.isFinished()
                && !job.isSuspended()
                && seen.pods().isEmpty();
        Stream<GracePeriod> deletions = jobs.map(GracePeriod::forDeletion).flatMap(Optional::stream);
        return podless ? Stream.concat(Stream.of(forJob(job)), deletions) : deletions;
    }

    private static Stream<GracePeriod> ofPods(Observation seen) {
        RunPods pods = RunPods.of(seen);
        return Stream.concat(
                pods.all().stream().map(GracePeriod::forNode).flatMap(Optional::stream), ofStayingPods(seen, pods));
    }

    private static Stream<GracePeriod> ofStayingPods(Observation seen, RunPods pods) {
        return pods.all().stream()
                .filter(pod -> pod.isLive() && !pod.isTerminating())
                .filter(pod -> !seen.progress().containsKey(pod.name()) || !pod.isRunning())
                .flatMap(pod -> ofSilentPod(pod, pods));
    }

    private static Stream<GracePeriod> ofSilentPod(ShardPod pod, RunPods pods) {
        if (pod.isRunning()) {
            return Stream.of(forRunner(pod));
        }
        return Stream.concat(forPlace(pod, pods), forKubelet(pod).stream());
    }

    private static Stream<GracePeriod> forPlace(ShardPod pod, RunPods pods) {
        return forScheduler(pod).stream()
                .flatMap(scheduler -> Stream.concat(Stream.of(scheduler), forNextPod(pods).stream()));
    }

    /** For Kubernetes, which has yet to make the Job's first pod. */
    static GracePeriod forJob(JobState job) {
        return new GracePeriod(job.waitingSince(), FOR_JOB);
    }

    /** For a Job that was deleted and goes after its pods; empty when it was not. */
    static Optional<GracePeriod> forDeletion(JobState job) {
        return Optional.of(job)
                .filter(JobState::isBeingDeleted)
                .map(deleted -> new GracePeriod(deleted.present().getMetadata().getDeletionTimestamp(), FOR_DELETION));
    }

    /** For a runner that has not answered yet. */
    static GracePeriod forRunner(ShardPod pod) {
        return new GracePeriod(pod.runningSince(), FOR_RUNNER);
    }

    /** For the scheduler that has no node for a pod; empty when it has, or has not looked yet. */
    static Optional<GracePeriod> forScheduler(ShardPod pod) {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "False".equals(scheduled.getStatus()))
                .map(scheduled -> new GracePeriod(scheduled.getLastTransitionTime(), FOR_SCHEDULER));
    }

    /** For the scheduler, which has yet to give the place of the pod that ended last to the next one; empty when none ended. */
    static Optional<GracePeriod> forNextPod(RunPods pods) {
        return pods.lastEnd().map(end -> new GracePeriod(end, FOR_SCHEDULER));
    }

    /** For the node of a pod whose containers do not run yet; empty when it has no node. */
    static Optional<GracePeriod> forKubelet(ShardPod pod) {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "True".equals(scheduled.getStatus()))
                .map(scheduled -> new GracePeriod(scheduled.getLastTransitionTime(), FOR_KUBELET));
    }

    /** For the node of a pod that was told to end, after the time that the pod has for that; empty when it was not, or has ended. */
    static Optional<GracePeriod> forNode(ShardPod pod) {
        return Optional.of(pod)
                .filter(ShardPod::isTerminating)
                .map(ending -> new GracePeriod(ending.pod().getMetadata().getDeletionTimestamp(), FOR_NODE));
    }

    /** A time that is missing or unreadable counts as long ago: the status tells of a trouble rather than keep it back. */
    boolean isOver(Instant now) {
        return left(now).isEmpty();
    }

    /** When it is over, in RFC 3339; empty when no object tells since when it lasts. */
    Optional<String> end() {
        try {
            return Optional.ofNullable(since)
                    .map(begin -> Instant.parse(begin).plus(length).toString());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private Optional<Duration> left(Instant now) {
        try {
            return Optional.ofNullable(since)
                    .map(begin -> Duration.between(now, Instant.parse(begin).plus(length)))
                    .filter(Duration::isPositive);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
