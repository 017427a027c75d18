package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.pipeline.PipelineListener;
import io.embeddingoperator.runner.sink.batch.BatchCounts;
import io.embeddingoperator.runner.sink.index.IndexProgress;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardState;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows at any moment how far the shards of this process are. Counts come from committed windows alone; only the rate of
 * tokens counts what is embedded but not yet written. A crash of the sink's server may take back the last second's windows
 * ({@link io.embeddingoperator.runner.pipeline.Durability}): counts then go back as well, to what is stored.
 */
public final class ProgressTracker implements PipelineListener {
    private final Assignment assignment;
    private final OtherShards others;
    private final FailureSample failures;
    private final LongSupplier nanoTime;
    private final Map<Integer, Counts> shards = new ConcurrentHashMap<>();
    private final Set<Integer> complete = ConcurrentHashMap.newKeySet();
    private final List<Supplier<Optional<Progress.Waiting>>> waits = new CopyOnWriteArrayList<>();
    private final LongAdder tokensNow = new LongAdder();
    private final Pace pace = new Pace();
    private final Movement movement;
    private final Counts before;
    private final long started;
    private volatile Progress.Phase phase = Progress.Phase.Embedding;
    private volatile @Nullable String message;
    private volatile Progress.@Nullable SinkState sink;
    private volatile Progress.@Nullable Recall recall;
    private volatile @Nullable IndexProgress index;
    private volatile long removed;
    private volatile long ended;

    /**
     * @param before the run as it was when this process began
     * @param others the shards that this process does not run
     */
    public ProgressTracker(
            Assignment assignment, RunState before, OtherShards others, FailureSample failures, LongSupplier nanoTime) {
        this.assignment = assignment;
        this.others = others;
        this.failures = failures;
        this.nanoTime = nanoTime;
        this.movement = new Movement(Activities.ofThisProcess(), nanoTime);
        know(before);
        this.before = sum();
        this.started = nanoTime.getAsLong();
        failures.counted(this.before.failed());
    }

    @Override
    public void embedded(Batch batch) {
        batch.chunks().forEach(pending -> tokensNow.add(pending.tokens()));
        movement.seen();
    }

    @Override
    public void committed(int shardIndex, Counts counters) {
        count(shardIndex, counters);
        movement.seen();
        others.windowCommitted();
    }

    /** Of two commits of a shard at a time, which tell of themselves once they are through, the older may do so last. */
    private synchronized void count(int shardIndex, Counts counters) {
        shards.merge(shardIndex, counters, (known, told) -> told.isOlderThan(known) ? known : told);
        Counts sum = sum();
        pace.committed(sum.work(), nanoTime.getAsLong());
        failures.counted(sum.failed());
    }

    @Override
    public void completed(int shardIndex) {
        complete.add(shardIndex);
        movement.seen();
    }

    /** This process has taken a shard, of which so much is committed: less than before when the server lost windows. */
    public void taken(int shardIndex, Counts counters) {
        shards.put(shardIndex, counters);
        complete.remove(shardIndex);
        movement.seen();
        failures.counted(sum().failed());
    }

    /** The sink has just told how far the run is: what this process says from now on contains all of it. */
    public void stored(RunState run) {
        know(run);
        failures.counted(sum().failed());
    }

    /** This process has reached its end, and has just read so much of the run in the sink. */
    public void ended(RunState run) {
        stored(run);
        sink = new Progress.SinkState(
                run.complete(),
                run.completeShards(),
                run.shards().size(),
                run.readAt().toString());
    }

    /** What searches through the index find is known now. */
    public void measured(IndexRecall found) {
        recall = new Progress.Recall(
                found.best().share(),
                found.best().efSearch(),
                found.usual().share(),
                found.usual().efSearch(),
                found.target(),
                found.queries(),
                found.measuredAt().toString());
    }

    private void know(RunState run) {
        for (ShardState shard : run.shards()) {
            if (assignment.includes(shard.shard())) {
                shards.put(shard.shard(), shard.counters());
                if (shard.complete()) {
                    complete.add(shard.shard());
                } else {
                    complete.remove(shard.shard());
                }
            }
        }
        removed = run.totals().removed();
        others.told(run.totals(shard -> !assignment.includes(shard)));
    }

    /** Another part also knows what keeps this process from going on; of several the first that has something to say is told. */
    public void waitsFor(Supplier<Optional<Progress.Waiting>> waiting) {
        waits.add(waiting);
    }

    /** The index is being built, by this process or another one; that it is asked about is no progress by itself. */
    public void indexing(IndexProgress told) {
        if (!told.equals(index)) {
            index = told;
            movement.seen();
        }
    }

    /** A good moment to learn of the other shards, though nothing of this process is committed. */
    public void refreshOtherShards() {
        others.windowCommitted();
    }

    /** What the process does from now on, or how it ended; the sentence may be null. */
    public void enter(Progress.Phase next, @Nullable String sentence) {
        if (phase == Progress.Phase.Embedding && next != Progress.Phase.Embedding) {
            ended = nanoTime.getAsLong();
        } else if (next == Progress.Phase.Embedding) {
            ended = 0;
        }
        phase = next;
        message = sentence;
        movement.seen();
    }

    /** What the shards of this process have committed, earlier owners included. */
    public Counts sum() {
        return shards.values().stream().reduce(Counts.ZERO, Counts::plus);
    }

    /** Time spent embedding, by this process. */
    public Duration elapsed() {
        return Duration.ofNanos((ended == 0 ? nanoTime.getAsLong() : ended) - started);
    }

    public Progress snapshot() {
        Counts now = sum();
        double seconds = Math.max(1e-3, elapsed().toNanos() / 1e9);
        long finished = now.finished();
        long finishedNow = Math.max(0, finished - before.finished());
        long done = Math.min(now.work(), assignment.work());
        return new Progress(
                assignment.process(),
                phase,
                new Progress.Committed(
                        new Progress.Documents(total(finished), now.embedded(), now.skipped(), now.failed()),
                        new Progress.Work(
                                assignment.unit().name().toLowerCase(Locale.ROOT),
                                done,
                                assignment.work(),
                                percent(done, finished)),
                        now.chunks(),
                        now.tokens(),
                        now.truncatedChunks()),
                new Progress.Pace(rounded(tokensNow.sum() / seconds), rounded(finishedNow / seconds), secondsLeft()),
                message,
                assignment.planned(),
                failures.documents(),
                whole(now),
                waiting(),
                sink,
                recall);
    }

    /** Null also where batches embed: the provider brings them back when it pleases. */
    private @Nullable Long secondsLeft() {
        return phase == Progress.Phase.Embedding && others.money().batches().isEmpty()
                ? pace.secondsLeft(assignment.work(), nanoTime.getAsLong())
                : null;
    }

    /** A process that is through waits for nothing; of what is known to be waited for the first is told. */
    private Progress.@Nullable Waiting waiting() {
        return switch (phase) {
            case Embedding ->
                waits.stream()
                        .flatMap(waiting -> waiting.get().stream())
                        .findFirst()
                        .or(movement::missing)
                        .orElse(null);
            case Planning, Indexing -> movement.missing().orElse(null);
            case Complete, Paused, Interrupted, Failed -> null;
        };
    }

    private Progress.Whole whole(Counts mine) {
        RunTotals run = new RunTotals(mine, complete.size()).plus(others.known());
        return new Progress.Whole(
                run.counters().withRemoved(removed),
                run.completeShards(),
                others.money().spentUsd().map(ProgressTracker::dollars).orElse(null),
                others.money().estimatedUsd().map(ProgressTracker::dollars).orElse(null),
                others.money().batches().map(ProgressTracker::batches).orElse(null));
    }

    /** Rounded up to a millionth, for it is never less than what was billed; with cents in any case. */
    private static String dollars(BigDecimal usd) {
        BigDecimal millionths = usd.setScale(6, RoundingMode.CEILING).stripTrailingZeros();
        return millionths
                .setScale(Math.max(2, millionths.scale()), RoundingMode.UNNECESSARY)
                .toPlainString();
    }

    private static Progress.Batches batches(BatchCounts counts) {
        return new Progress.Batches(counts.submitted(), counts.inProgress(), counts.completed(), counts.failed());
    }

    /** Rows can appear while a table is read: the total is never less than what is finished. */
    private @Nullable Long total(long finished) {
        return switch (assignment.unit()) {
            case DOCUMENTS -> Math.max(assignment.work(), finished);
            case BYTES -> phase == Progress.Phase.Complete ? finished : null;
        };
    }

    /**
     * 100 only when every shard is complete: a job at 100 % that still runs would be a lie. A document that is read and waits
     * for its vectors is not done; where documents cannot be counted ahead, what is read must do.
     */
    private double percent(long done, long finished) {
        if (phase == Progress.Phase.Complete || phase == Progress.Phase.Indexing) {
            return 100;
        }
        return switch (assignment.unit()) {
            case DOCUMENTS -> percentOf(Math.max(assignment.work(), finished), finished);
            case BYTES -> percentOf(assignment.work(), done);
        };
    }

    private static double percentOf(long total, long done) {
        return total == 0 ? 0 : Math.min(99.9, rounded(100.0 * done / total));
    }

    private static double rounded(double value) {
        return Math.round(value * 10) / 10.0;
    }
}
