package io.embeddingoperator.bench.scale;

import io.embeddingoperator.bench.scale.AuditLog.Request;
import io.embeddingoperator.bench.scale.SeenJobs.SeenJob;
import io.embeddingoperator.bench.scale.SeenJobs.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Many EmbeddingJobs that run: how true their statuses are, what that takes, what a new start of the operator does to them,
 * and how soon they say that they have ended when all end at once.
 *
 * @param untilSaysRunning from a job's first pod that runs
 * @param untilSaysNumbers from a runner's commit to the status that counts it
 * @param restart what it took from the end of one operator until its successor had taken up all jobs
 * @param untilSaysComplete from a Job's end
 * @param complete from the pods' end until all statuses told of it
 * @param heapOfAll what lives on the operator's heap in the end, in MiB
 */
record AtWork(
        SteadyState steady,
        Lags untilSaysRunning,
        Lags untilSaysNumbers,
        Restart restart,
        Lags untilSaysComplete,
        Duration complete,
        long right,
        double peakMemory,
        double heapOfAll) {
    private static final Duration SETTLED = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    static AtWork of(Scene scene, String namespace, int count, int shards, Duration steadyLength) {
        List<SeenJob> jobs = scene.createJobs(namespace, count, shards);
        Burst.awaitAll(jobs, "all say that they run", SeenJob::saysRunning);
        Waiting.pause(SETTLED);
        SteadyState steady = SteadyState.of(scene, steadyLength);
        System.err.println("  the steady state is measured");
        Lags numbers = commitsUntilTold(scene, jobs, steady);
        double peakMemory = scene.operator().peakMemory();
        Restart restart = Restart.of(scene, jobs);
        Waiting.pause(SETTLED);
        Instant begin = Instant.now();
        scene.nodes().endAll();
        Burst.awaitAll(jobs, "all are complete", SeenJob::saysComplete);
        Duration complete = Duration.between(begin, SeenJobs.last(jobs, SeenJob::saysComplete));
        return new AtWork(
                steady,
                Burst.lags(jobs, job -> scene.nodes().running(job.name()), SeenJob::saysRunning),
                numbers,
                restart,
                Burst.lags(jobs, SeenJob::jobComplete, SeenJob::saysComplete),
                complete,
                Burst.countRight(jobs, shards),
                Math.max(peakMemory, scene.operator().peakMemory()),
                scene.operator().liveHeap());
    }

    /** For every commit that a status of the steady state was the first to count: how old it was. */
    private static Lags commitsUntilTold(Scene scene, Collection<SeenJob> jobs, SteadyState steady) {
        List<Duration> lags = new ArrayList<>();
        for (SeenJob job : jobs) {
            List<Instant> commits = scene.nodes().run(job.name()).commits(steady.end());
            int counted = 0;
            for (Told told : job.told()) {
                int counts = Math.min((int) (told.embedded() / SimulatedRun.WINDOW), commits.size());
                if (!told.at().isBefore(steady.begin()) && told.at().isBefore(steady.end())) {
                    for (Instant commit : commits.subList(Math.min(counted, counts), counts)) {
                        lags.add(Duration.between(commit, told.at()));
                    }
                }
                counted = counts;
            }
        }
        return Lags.of(lags);
    }

    /**
     * A new start of the operator, as an update brings it.
     *
     * @param ready until the new one had listed everything and held the lease
     * @param watched until it had written the first numbers of every job
     * @param created objects that it created meanwhile
     * @param cpu of the new one until then
     * @param changedJobs Jobs that are no longer the ones that they were, and pods that came anew
     */
    record Restart(Duration ready, Duration watched, List<Request> created, Duration cpu, long changedJobs) {
        static Restart of(Scene scene, List<SeenJob> jobs) {
            Map<String, String> before = jobs.stream().collect(Collectors.toMap(SeenJob::name, SeenJob::jobUid));
            int pods = scene.nodes().podsSeen();
            Instant begin = Instant.now();
            scene.close();
            scene.startOperator();
            Instant ready = Instant.now();
            Waiting.until(
                    "every status has been written by the new operator",
                    PATIENCE,
                    () -> jobs.stream()
                            .allMatch(job -> job.told().getLast().at().isAfter(ready)));
            Instant watched = Instant.now();
            System.err.println("  the new operator has taken up all jobs");
            long changed = jobs.stream()
                    .filter(job -> !Objects.equals(before.get(job.name()), job.jobUid()))
                    .count();
            return new Restart(
                    Duration.between(begin, ready),
                    Duration.between(begin, watched),
                    scene.audit().between(begin, watched).stream()
                            .filter(request -> request.kind().startsWith("create "))
                            .toList(),
                    scene.operator().cpu(),
                    changed + scene.nodes().podsSeen() - pods);
        }
    }
}
