package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long what is quite usual may last before it is called a trouble. Time passes without an event, so whoever watches a run
 * has to look again when patience ends.
 *
 * @param since when it began, in RFC 3339
 */
public record Patience(String since, Duration length) {
    /** A pod waits this long for the place of the one before it as a matter of course. */
    private static final Duration WITH_SCHEDULER = Duration.ofSeconds(10);

    /** Volumes mount within this, and most images are pulled. */
    private static final Duration WITH_KUBELET = Duration.ofMinutes(2);

    /** A model is loaded and a source is planned within this, most often. */
    private static final Duration WITH_RUNNER = Duration.ofMinutes(2);

    /** Kubernetes makes the pods of a Job within seconds, even when it is busy. */
    private static final Duration WITH_JOB = Duration.ofMinutes(2);

    /** Reads times that are written to the second. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    /** When to look again, though nothing happens: empty when no time that passes makes a difference. */
    public static Optional<Duration> untilNextLook(EmbeddingJob manifest, Observation seen) {
        return Stream.concat(ofJob(JobState.of(manifest, seen.job()), seen), ofPods(seen))
                .map(patience -> patience.left(seen.at()))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .map(SLACK::plus);
    }

    private static Stream<Patience> ofJob(JobState job, Observation seen) {
        boolean podless = job.exists()
                && !job.isFinished()
                && !job.isSuspended()
                && seen.pods().isEmpty();
        return podless ? Stream.of(withJob(job)) : Stream.empty();
    }

    private static Stream<Patience> ofPods(Observation seen) {
        RunPods pods = RunPods.of(seen);
        return pods.all().stream()
                .filter(pod -> pod.isLive() && !pod.isLeaving())
                .flatMap(pod -> pod.isRunning()
                        ? seen.progress().containsKey(pod.name()) ? Stream.empty() : Stream.of(withRunner(pod))
                        : Stream.concat(withPlace(pod, pods), withKubelet(pod).stream()));
    }

    private static Stream<Patience> withPlace(ShardPod pod, RunPods pods) {
        return withScheduler(pod).stream()
                .flatMap(scheduler -> Stream.concat(Stream.of(scheduler), withNextPod(pods).stream()));
    }

    /** With Kubernetes, which has yet to make the Job's first pod. */
    static Patience withJob(JobState job) {
        return new Patience(job.waitingSince(), WITH_JOB);
    }

    /** With a runner that has not answered yet. */
    static Patience withRunner(ShardPod pod) {
        return new Patience(pod.runningSince(), WITH_RUNNER);
    }

    /** With the scheduler that has no node for a pod; empty when it has, or has not looked yet. */
    static Optional<Patience> withScheduler(ShardPod pod) {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "False".equals(scheduled.getStatus()))
                .map(scheduled -> new Patience(scheduled.getLastTransitionTime(), WITH_SCHEDULER));
    }

    /** With the scheduler, which has yet to give the place of the pod that ended last to the next one; empty when none ended. */
    static Optional<Patience> withNextPod(RunPods pods) {
        return pods.lastEnd().map(end -> new Patience(end, WITH_SCHEDULER));
    }

    /** With the node of a pod whose containers do not run yet; empty when it has no node. */
    static Optional<Patience> withKubelet(ShardPod pod) {
        return pod.condition("PodScheduled")
                .filter(scheduled -> "True".equals(scheduled.getStatus()))
                .map(scheduled -> new Patience(scheduled.getLastTransitionTime(), WITH_KUBELET));
    }

    /** A time that is missing or that nobody can read is long ago: a trouble is told of rather than kept back. */
    boolean isOver(Instant now) {
        return left(now).isEmpty();
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
