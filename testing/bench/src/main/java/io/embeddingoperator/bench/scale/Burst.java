package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.bench.scale.AuditLog.Request;
import io.embeddingoperator.bench.scale.SeenJobs.SeenJob;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Many EmbeddingJobs created at once, from the first request to the last status.
 *
 * @param created until the API server had taken all of them
 * @param haveJobs until all had their Job
 * @param complete until all said that they are complete
 * @param requests of the operator, from the first creation until it had nothing left to do
 * @param cpu of the operator in the same time
 * @param otherCpu of the other processes in the same time
 * @param right how many statuses say what the runners did
 */
record Burst(
        int jobs,
        Duration created,
        Duration haveJobs,
        Duration complete,
        List<Request> requests,
        Duration cpu,
        Map<String, Duration> otherCpu,
        Lags untilStatus,
        Lags untilJob,
        Lags untilSaysComplete,
        long right,
        double peakMemory) {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Duration QUIET = Duration.ofSeconds(10);

    /** @param life how long each pod runs */
    static Burst of(Scene scene, String namespace, int count, int shards, Duration life) {
        scene.nodes().live(namespace, life);
        Instant begin = Instant.now();
        Duration cpuBefore = scene.operator().cpu();
        Map<String, Duration> othersBefore = Scene.cpuOfPrograms();
        List<SeenJob> jobs = scene.createJobs(namespace, count, shards);
        Instant created = Instant.now();
        awaitAll(jobs, "all have their Job", SeenJob::hasJob);
        awaitAll(jobs, "all are complete", SeenJob::saysComplete);
        awaitQuiet(scene);
        Instant end = Instant.now();
        return new Burst(
                count,
                Duration.between(begin, created),
                Duration.between(begin, SeenJobs.last(jobs, SeenJob::hasJob)),
                Duration.between(begin, SeenJobs.last(jobs, SeenJob::saysComplete)),
                scene.audit().between(begin, end),
                scene.operator().cpu().minus(cpuBefore),
                since(othersBefore),
                lags(jobs, SeenJob::created, SeenJob::hasStatus),
                lags(jobs, SeenJob::created, SeenJob::hasJob),
                lags(jobs, SeenJob::jobComplete, SeenJob::saysComplete),
                countRight(jobs, shards),
                scene.operator().peakMemory());
    }

    double jobsAMinute() {
        return jobs / Lags.seconds(haveJobs) * 60;
    }

    double completeAMinute() {
        return jobs / Lags.seconds(complete) * 60;
    }

    static void awaitAll(List<SeenJob> jobs, String event, Function<SeenJob, Object> happened) {
        Waiting.until(event, PATIENCE, () -> jobs.stream().map(happened).allMatch(Objects::nonNull));
        System.err.println("  " + event);
    }

    /** Until the operator asks for nothing any more but its lease. */
    private static void awaitQuiet(Scene scene) {
        Waiting.until("the operator has nothing to do", PATIENCE, () -> {
            Waiting.pause(Duration.ofSeconds(1));
            Instant now = Instant.now();
            return AuditLog.ofJobs(scene.audit().between(now.minus(QUIET), now)).isEmpty();
        });
    }

    static Lags lags(List<SeenJob> jobs, Function<SeenJob, Instant> cause, Function<SeenJob, Instant> effect) {
        return Lags.of(jobs.stream()
                .map(job -> Duration.between(cause.apply(job), effect.apply(job)))
                .toList());
    }

    static Map<String, Duration> since(Map<String, Duration> before) {
        Map<String, Duration> used = new HashMap<>();
        Scene.cpuOfPrograms()
                .forEach((name, now) -> used.put(name, now.minus(before.getOrDefault(name, Duration.ZERO))));
        return used;
    }

    /** Statuses that say exactly what the runners have done. */
    static long countRight(List<SeenJob> jobs, int shards) {
        long documents = shards * SimulatedRun.DOCUMENTS;
        return jobs.stream()
                .map(SeenJob::status)
                .filter(status -> isRight(status, documents, shards))
                .count();
    }

    private static boolean isRight(EmbeddingJobStatus status, long documents, int shards) {
        return status.conditions() != null
                && status.conditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"))
                && status.documents() != null
                && status.documents().embedded() == documents
                && status.documents().percent() == 100
                && Objects.equals(status.chunks(), 2 * documents)
                && Objects.equals(status.tokens(), 400 * documents)
                && status.shards() != null
                && status.shards().succeeded() == shards
                && status.completionTime() != null;
    }
}
