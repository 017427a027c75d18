package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A run whose runners only pretend: each shard commits a window of {@link #WINDOW} documents every {@link #STEP} from its
 * start on, and all that is left when it is told to end.
 */
final class SimulatedRun {
    /** Documents of a window. */
    static final int WINDOW = 10;

    /** Between two commits of a shard. */
    static final Duration STEP = Duration.ofSeconds(2);

    /** Documents of a shard: more than the benchmark lasts for. */
    static final long DOCUMENTS = 100_000;

    private final String job;
    private final int number;
    private final int shards;
    private final Map<Integer, Instant> starts = new ConcurrentHashMap<>();
    private final Set<Integer> ended = ConcurrentHashMap.newKeySet();

    /** @param job namespace/name of the EmbeddingJob */
    SimulatedRun(String job, int number, int shards) {
        this.job = job;
        this.number = number;
        this.shards = shards;
    }

    void start(int shard, Instant at) {
        starts.putIfAbsent(shard, at);
    }

    void end(int shard) {
        ended.add(shard);
    }

    /** What the runner of a shard says. */
    Progress progress(int shard, Instant now) {
        long embedded = embedded(shard, now);
        long whole =
                starts.keySet().stream().mapToLong(one -> embedded(one, now)).sum();
        boolean complete = ended.contains(shard);
        return new Progress(
                new Progress.Process(job, number, shard),
                complete ? Progress.Phase.Complete : Progress.Phase.Embedding,
                new Progress.Committed(
                        new Progress.Documents(DOCUMENTS, embedded, 0, 0),
                        new Progress.Work("documents", embedded, DOCUMENTS, 100.0 * embedded / DOCUMENTS),
                        2 * embedded,
                        400 * embedded,
                        0),
                new Progress.Pace(
                        400.0 * WINDOW / STEP.toSeconds(),
                        (double) WINDOW / STEP.toSeconds(),
                        (DOCUMENTS - embedded) * STEP.toSeconds() / WINDOW),
                null,
                new Progress.Planned(shards, shards * DOCUMENTS, shards * DOCUMENTS),
                List.of(),
                new Progress.Whole(
                        new Counts(whole, whole, 0, 0, 2 * whole, 400 * whole, 0, 0, 0),
                        ended.size(),
                        null,
                        null,
                        null),
                null,
                complete ? sink(now) : null,
                null);
    }

    private Progress.SinkState sink(Instant now) {
        return new Progress.SinkState(ended.size() >= shards, ended.size(), shards, now.toString());
    }

    /** When the windows of the whole run were committed, in order, until then. */
    List<Instant> commits(Instant until) {
        return starts.values().stream()
                .flatMap(start -> commits(start, until))
                .sorted()
                .toList();
    }

    private long embedded(int shard, Instant now) {
        return ended.contains(shard)
                ? DOCUMENTS
                : Duration.between(starts.get(shard), now).dividedBy(STEP) * WINDOW;
    }

    private static Stream<Instant> commits(Instant start, Instant until) {
        return LongStream.rangeClosed(1, Duration.between(start, until).dividedBy(STEP))
                .mapToObj(step -> start.plus(STEP.multipliedBy(step)));
    }
}
