package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.pipeline.DeferredEmbedding;
import io.embeddingoperator.runner.pipeline.OpenDocuments;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.batch.PendingTotals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Takes a shard through batches: its windows are written down as they are read, and meanwhile a thread packs them, hands the
 * batches in and stores what comes back, until nothing is left. When the process dies, the next owner of the shard
 * goes on from what is written down.
 */
final class ShardBatches implements DeferredEmbedding {
    /** Documents that are embedded by requests between two looks at the batches. */
    private static final int EMBEDDED_AT_ONCE = 512;

    private static final long TEXT_EMBEDDED_AT_ONCE = 4L * 1024 * 1024;

    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    /** Trouble that lasts is worth telling. */
    private static final Duration TOLD_AFTER = Duration.ofSeconds(30);

    private final int shard;
    private final BatchRun run;
    private final PendingDocuments pending;
    private final WindowSink windows;
    private final BatchSteps steps;
    private final LiveBatches live;
    private final BatchSize size = new BatchSize();
    private final WakeSignal bell = new WakeSignal();
    private volatile ShardSituation situation = ShardSituation.START;
    private volatile PendingTotals totals;
    private volatile boolean sourceRead;
    private volatile boolean readingOver;

    ShardBatches(int shard, BatchRun run, PendingDocuments pending, WindowSink windows) {
        this.shard = shard;
        this.run = run;
        this.pending = pending;
        this.windows = windows;
        this.steps = run.steps(pending, size);
        this.live = new LiveBatches(steps, run.timing(), run.clock());
        this.totals = pending.totals();
    }

    ShardSituation situation() {
        return situation;
    }

    /**
     * @throws BudgetExhaustedException when it is of no use to read on; all that is handed in already is stored all the same
     * @throws io.embeddingoperator.runner.failure.RunnerException as a shard threw it whose batches cannot go on
     */
    @Override
    public Counts commit(Window<WaitingDocument> window) throws InterruptedException {
        run.checkFailure();
        List<WaitingDocument> lines =
                window.documents().stream().map(this::inLine).toList();
        Counts counters = pending.commit(window.with(lines, List.of()));
        totals = pending.totals();
        bell.ring();
        while (Packing.isEnough(totals, run.rules(), run.queue().batchTokens()) && !run.stopping()) {
            bell.awaitAnswer();
            run.checkReading();
        }
        run.checkFailure();
        return counters;
    }

    @Override
    public void sourceRead() {
        sourceRead = true;
        bell.ring();
    }

    /** No more windows come, whether the source is read to its end or not. */
    void readingOver() {
        readingOver = true;
        bell.ring();
    }

    /** Something changed that this shard did not do itself. */
    void wake() {
        bell.ring();
        bell.answer();
    }

    private WaitingDocument inLine(WaitingDocument document) {
        long tokens = document.tokens();
        long bytes = run.files().lineBytes(document);
        return document.inLine(
                bytes,
                BatchFileLimits.oversize(document.chunks().size(), tokens, bytes)
                        || tokens > run.lines().tokens()
                        || tokens > run.queue().documentTokens());
    }

    /** Works until the shard is complete, the process is to stop, or nothing more can be paid for. */
    void drive() throws InterruptedException {
        pending.batches().forEach(live::add);
        while (!run.stopping()) {
            boolean moved = step();
            situation = ShardSituation.of(sourceRead, live.records(), live.trouble(TOLD_AFTER));
            bell.answer();
            if (isOver()) {
                return;
            }
            if (!moved) {
                bell.awaitRing(untilNextDue());
            }
        }
    }

    private boolean step() throws InterruptedException {
        try {
            int before = live.records().size();
            boolean moved = live.pass(run::stopping);
            if (live.records().size() < before) {
                live.retryUnpaid();
            }
            totals = pending.totals();
            return run.exhausted().isEmpty() && pack() || moved;
        } catch (BudgetExhaustedException e) {
            run.exhausted(e);
            return false;
        }
    }

    private boolean pack() throws InterruptedException {
        int waiting =
                (int) live.records().stream().filter(ShardSituation::isInside).count();
        long batchTokens = run.queue().batchTokens();
        return switch (Packing.of(totals, run.rules(), sourceRead, waiting, batchTokens)) {
            case Packing.Wait _ -> false;
            case Packing.Pack pack -> assign(pack.capacity(), size.inputs());
            case Packing.Embed embed ->
                embed(embed.oversizeOnly(), EMBEDDED_AT_ONCE).isPresent();
        };
    }

    /** The oldest document may be larger than a batch should be, and even than the provider's whole queue. */
    private boolean assign(BatchCapacity capacity, int inputs) throws InterruptedException {
        Optional<BatchRecord> batch = pending.assign(new BatchCapacity(inputs, capacity.tokens(), capacity.bytes()))
                .or(() -> pending.assign(new BatchCapacity(inputs, run.queue().documentTokens(), capacity.bytes())));
        if (batch.isPresent()) {
            live.add(batch.get());
            return true;
        }
        size.checkAlone();
        Optional<OpenDocuments> alone = embed(false, 1);
        size.embeddedAlone(alone.isPresent() && !alone.get().embedded().isEmpty());
        return alone.isPresent();
    }

    /** Empty where no document waits. */
    private Optional<OpenDocuments> embed(boolean oversizeOnly, int most) throws InterruptedException {
        List<WaitingDocument> waiting = pending.takeRealtime(oversizeOnly, most, TEXT_EMBEDDED_AT_ONCE);
        if (waiting.isEmpty()) {
            return Optional.empty();
        }
        OpenDocuments documents = run.direct().embed(waiting);
        run.listener()
                .committed(
                        shard,
                        pending.importEmbedded(documents.embedded(), documents.refused())
                                .counters());
        documents.ending().ifPresent(reason -> {
            throw reason;
        });
        return Optional.of(documents);
    }

    private boolean isOver() {
        if (run.exhausted().isPresent() || readingOver && !sourceRead) {
            return live.records().stream().allMatch(batch -> batch.state() == BatchState.Packed);
        }
        if (sourceRead && live.isEmpty() && pending.totals().documents() == 0) {
            windows.complete();
            run.listener().completed(shard);
            return true;
        }
        return false;
    }

    private Duration untilNextDue() {
        Instant now = run.clock().instant();
        Instant due = live.nextDue();
        return due.isAfter(now.plus(LONGEST_REST)) ? LONGEST_REST : Duration.between(now, due);
    }
}
