package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.CheckpointLostException;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.Pipeline;
import io.embeddingoperator.runner.pipeline.PipelineLimits;
import io.embeddingoperator.runner.pipeline.PipelineListeners;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.progress.Assignment;
import io.embeddingoperator.runner.progress.FailureSample;
import io.embeddingoperator.runner.progress.OtherShards;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.sink.run.Damage;
import io.embeddingoperator.runner.sink.run.RunEnding;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.run.ShardState;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.WorkUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a run that has a plan: embed this process's shards, and finish the run when they were the last. */
final class PlannedRun {
    private static final Logger LOG = LoggerFactory.getLogger(PlannedRun.class);

    /** Failed documents that are shown when a run ends; all of them are in the sink's table. */
    private static final int FAILURES_SHOWN = 10;

    private final RunParts parts;
    private final Source source;
    private final Backend backend;
    private final Announcement announcement;
    private final List<ShardRange> ranges;
    private final ProgressTracker progress;
    private final RunnerMetrics metrics;
    private final Pipeline pipeline;
    private final TerminationReport words;
    private Durability durability;
    private volatile Optional<RunBatches> batches = Optional.empty();
    private RunEnding ending = RunEnding.PLAIN;

    PlannedRun(RunParts parts, Source source, Backend backend, Announcement announcement) {
        this.parts = parts;
        this.source = source;
        this.backend = backend;
        this.announcement = announcement;
        this.ranges = parts.run().shards().stream()
                .filter(range -> isMine(range.shard()))
                .toList();
        this.progress = new ProgressTracker(
                assignment(),
                parts.sink().state(parts.run()),
                new OtherShards(
                        this::totalsOfOthers,
                        this::money,
                        parts.manifest().spec().sharding().parallelism(),
                        System::nanoTime),
                new FailureSample(this::firstFailures),
                System::nanoTime);
        this.metrics = new RunnerMetrics(progress);
        this.pipeline = new Pipeline(
                backend.embedder(),
                Chunker.of(
                        parts.manifest().spec().chunking(), backend.embedder().tokenizer()),
                PipelineLimits.of(backend.embedder(), Runtime.getRuntime().availableProcessors()),
                new PipelineListeners(List.of(progress, metrics)));
        this.words = new TerminationReport(parts.environment().terminationMessage());
        this.progress.waitsFor(() -> batches.flatMap(RunBatches::waiting));
        this.progress.waitsFor(backend::waiting);
        this.durability = backend.durability();
    }

    RunOutcome execute(RunListener listener) throws InterruptedException {
        // Outermost: once it is closed the process may end at any moment, the last words must be written by then.
        try (GracefulStop stop = GracefulStop.onSignal(this::stop)) {
            RunOutcome outcome = execute(listener, stop);
            words.write(outcome.progress());
            return outcome;
        }
    }

    private RunOutcome execute(RunListener listener, GracefulStop stop) throws InterruptedException {
        try (SpendingSession _ = backend.spend(parts, metrics)) {
            announcement.planned(progress, metrics);
            listener.started(progress);
            Optional<RunState> end = reachEnd(listener);
            return end.isEmpty() || stop.requested() ? stopped() : completed(end.get());
        } catch (BudgetExhaustedException e) {
            lookOnceMore();
            progress.enter(Progress.Phase.Paused, e.getMessage());
            words.write(progress.snapshot());
            throw e;
        } catch (RunnerException e) {
            if (stop.requested()) {
                // The stop interrupts what takes too long, and that fails: nothing is wrong with it.
                Thread.interrupted();
                LOG.info("stopped in the middle of something: {}", e.getMessage());
                return stopped();
            }
            progress.enter(Progress.Phase.Failed, e.getMessage());
            words.write(progress.snapshot());
            throw e;
        }
    }

    /**
     * The run as the sink has it once there is nothing left to do for this process; empty when it was asked to stop before.
     * Whether that is so is read there after each step: a standby that takes over may lack what was done before.
     */
    private Optional<RunState> reachEnd(RunListener listener) throws InterruptedException {
        try {
            while (!pipeline.stopping()) {
                if (embedFromCheckpoints()) {
                    RunState end = finished(listener);
                    if (isReached(end)) {
                        return Optional.of(end);
                    }
                    LOG.warn("the sink's database crashed or was replaced by a standby while the run was finished, and"
                            + " lost a part of it: what it lost is done again");
                    progress.enter(Progress.Phase.Embedding, null);
                }
            }
        } catch (InterruptedException e) {
            if (!pipeline.stopping()) {
                throw e;
            }
        }
        return Optional.empty();
    }

    /** The runner that completes the last shard finishes the run. */
    private RunState finished(RunListener listener) {
        RunState state = stored();
        if (!state.allShardsComplete()) {
            return state;
        }
        progress.enter(Progress.Phase.Indexing, null);
        ending = parts.sink().finish(parts.run(), maxFailed(), source.keys(), told -> {
            progress.indexing(told);
            listener.indexing(told);
        });
        ending.recall().ifPresent(progress::measured);
        return stored();
    }

    /** Not so where shards of this process are open again, or where all shards are complete and the run is not. */
    private boolean isReached(RunState state) {
        return state.complete() || ending.held().isPresent() || allMineAreComplete(state) && !state.allShardsComplete();
    }

    /** Whether the shards of this process are complete; not so when the sink's database lost a part of them. */
    private boolean embedFromCheckpoints() throws InterruptedException {
        try (RunBatches opened = backend.batches(parts, progress, metrics)) {
            batches = Optional.of(opened);
            embedNow(opened);
            opened.await();
        } catch (CheckpointLostException e) {
            LOG.warn("{}{}", e.getMessage(), backend.costOfRepeating());
            // A server that crashes again and again would otherwise have the same windows embedded forever.
            durability = Durability.EVERY_WINDOW;
            return false;
        }
        // A standby that takes over may not know of shards that were complete.
        return !pipeline.stopping() && allMineAreComplete(stored());
    }

    /** What is paid for is stored before a run pauses for want of money. */
    private void embedNow(RunBatches opened) throws InterruptedException {
        try {
            pipeline.run(shards(opened));
        } catch (BudgetExhaustedException e) {
            opened.await();
            throw e;
        }
    }

    private void stop() {
        pipeline.stop();
        batches.ifPresent(RunBatches::stop);
        backend.embedder().stop();
    }

    private boolean allMineAreComplete(RunState stored) {
        return stored.shards().stream().filter(state -> isMine(state.shard())).allMatch(ShardState::complete);
    }

    private Iterator<ShardWork> shards(RunBatches opened) {
        return ranges.stream()
                .map(range -> work(opened, range))
                .flatMap(Optional::stream)
                .iterator();
    }

    /** Empty when the shard is complete already. */
    private Optional<ShardWork> work(RunBatches opened, ShardRange range) {
        return parts.sink().take(parts.run(), range.shard()).map(lease -> work(opened, range, lease));
    }

    private ShardWork work(RunBatches opened, ShardRange range, ShardLease lease) {
        progress.taken(range.shard(), lease.counters());
        return opened.work(
                lease,
                source.read(
                        range,
                        lease.position(),
                        backend.embedder().batchLimits().windowDocuments()),
                parts.sink().windows(parts.run(), lease, source.schema(), durability));
    }

    /** Asks nothing of a database any more: it may be the reason why this process was stopped. */
    private RunOutcome stopped() {
        progress.enter(
                Progress.Phase.Interrupted, "stopped after a clean checkpoint: the next runner goes on from there");
        return new RunOutcome(ExitCode.TERMINATED, progress.snapshot(), progress.elapsed(), List.of());
    }

    /** The shards of this process are through, and where they were the last ones, so is the run. */
    private RunOutcome completed(RunState end) {
        progress.ended(end);
        if (ending.held().isPresent()) {
            progress.enter(Progress.Phase.Failed, ending.held().get());
            return outcome(ExitCode.ORPHAN_LIMIT_EXCEEDED);
        }
        long failed = end.totals().failed();
        if (end.complete() && failed > maxFailed()) {
            progress.enter(
                    Progress.Phase.Failed,
                    ("%d documents failed, more than spec.failurePolicy.maxFailedDocuments (%d) allows;"
                                    + " all others are embedded; the reasons are in embedding_operator.failed_documents%s")
                            .formatted(failed, maxFailed(), noted()));
            return outcome(ExitCode.TOO_MANY_FAILED_DOCUMENTS);
        }
        Optional<Damage> damage = end.complete() && failed > 0 ? parts.sink().damage(parts.run()) : Optional.empty();
        if (damage.isPresent()) {
            progress.enter(Progress.Phase.Failed, lost(damage.get()) + noted());
            return outcome(ExitCode.TOO_MANY_FAILED_DOCUMENTS);
        }
        progress.enter(Progress.Phase.Complete, ending.note().or(this::whyIdle).orElse(null));
        return outcome(ExitCode.DONE);
    }

    private long maxFailed() {
        return parts.manifest().spec().failurePolicy().maxFailedDocuments();
    }

    private String noted() {
        return ending.note().map("; "::concat).orElse("");
    }

    private static String lost(Damage damage) {
        String others = damage.parts() == 1 ? "" : " and at %d more places".formatted(damage.parts() - 1);
        return ("files are damaged at %s%s: any number of documents may be lost there, which"
                        + " spec.failurePolicy.maxFailedDocuments never allows: write the files again and raise"
                        + " spec.runNonce; all other documents are embedded; the reasons are in"
                        + " embedding_operator.failed_documents")
                .formatted(damage.first(), others);
    }

    /** The reader of why a run paused reads beside it what it has cost, the last cent included. */
    private void lookOnceMore() {
        try {
            stored();
        } catch (RunnerException e) {
            LOG.warn("the last words tell what was known some seconds ago: {}", e.getMessage());
        }
    }

    /** How far the run is; the last words of the last runner are the whole run's then. */
    private RunState stored() {
        RunState state = parts.sink().state(parts.run());
        progress.stored(state);
        return state;
    }

    /** A source with few keys has fewer shards than the manifest wishes for, and a Job starts a pod for each all the same. */
    private Optional<String> whyIdle() {
        return ranges.isEmpty()
                ? Optional.of("shard %d has nothing to do: the source was divided into %d shards, from 0"
                        .formatted(
                                parts.environment().shard().orElseThrow(),
                                parts.run().shards().size()))
                : Optional.empty();
    }

    private RunOutcome outcome(ExitCode code) {
        return new RunOutcome(
                code,
                progress.snapshot(),
                progress.elapsed(),
                parts.sink().failedDocuments(parts.run(), OptionalInt.empty(), FAILURES_SHOWN));
    }

    private Assignment assignment() {
        WorkUnit unit = source.schema().unit();
        long work = work(parts.run().shards());
        Long documents = switch (unit) {
            case DOCUMENTS -> work;
            case BYTES -> null;
        };
        return new Assignment(
                parts.environment().process(parts.manifest()),
                unit,
                work(ranges),
                new Progress.Planned(parts.run().shards().size(), documents, work));
    }

    private static long work(List<ShardRange> ranges) {
        return ranges.stream().mapToLong(ShardRange::work).sum();
    }

    private List<FailedDocument> firstFailures() {
        return parts.sink().failedDocuments(parts.run(), parts.environment().shard(), FailureSample.DOCUMENTS);
    }

    private RunMoney money() {
        return backend.money(parts);
    }

    private RunTotals totalsOfOthers() {
        return parts.environment().shard().isEmpty()
                ? RunTotals.ZERO
                : parts.sink()
                        .totalsWithout(parts.run(), parts.environment().shard().getAsInt());
    }

    private boolean isMine(int shard) {
        return parts.environment().shard().isEmpty()
                || parts.environment().shard().getAsInt() == shard;
    }
}
