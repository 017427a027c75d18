package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.BatchLines;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.pipeline.DirectEmbedding;
import io.embeddingoperator.runner.sink.PendingDocuments;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** What the shards of a process share while they go through batches. */
final class BatchRun {
    private final BatchRules rules;
    private final BatchApi api;
    private final BatchFiles files;
    private final BatchLines lines;
    private final Embedder embedder;
    private final DirectEmbedding direct;
    private final BatchQueue queue;
    private final BatchTiming timing;
    private final InstantSource clock;
    private final BatchListener listener;
    private final AtomicReference<BudgetExhaustedException> exhausted = new AtomicReference<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    BatchRun(
            BatchRules rules,
            BatchApi api,
            BatchFiles files,
            BatchLines lines,
            Embedder embedder,
            DirectEmbedding direct,
            BatchTiming timing,
            InstantSource clock,
            BatchListener listener) {
        this.rules = rules;
        this.api = api;
        this.files = files;
        this.lines = lines;
        this.embedder = embedder;
        this.direct = direct;
        this.queue = new BatchQueue(rules.enqueuedTokens(), rules.shards(), timing);
        this.timing = timing;
        this.clock = clock;
        this.listener = listener;
    }

    BatchSteps steps(PendingDocuments pending, BatchSize size) {
        return steps(pending, size, Optional.of(new ResultCheck(pending, direct, embedder.dimensions())));
    }

    /** For batches whose documents are read again, also where the batch succeeds. */
    BatchSteps lastSteps(PendingDocuments pending) {
        return steps(pending, new BatchSize(), Optional.empty());
    }

    private BatchSteps steps(PendingDocuments pending, BatchSize size, Optional<ResultCheck> check) {
        BatchImport importing = new BatchImport(
                api,
                pending,
                BatchImport.Purpose.STORE,
                embedder.dimensions(),
                check,
                this::stopping,
                new MissingResults(timing.grace(), clock),
                listener);
        ProviderRecovery leftBehind = new ProviderRecovery(api, timing, clock);
        BatchEnd end = new BatchEnd(pending, listener);
        BatchSubmission handingIn = new BatchSubmission(api, pending, files, end, queue, leftBehind, clock);
        return new BatchSteps(
                api, pending, Optional.of(handingIn), importing, end, queue, size, leftBehind, clock, listener);
    }

    BatchRules rules() {
        return rules;
    }

    BatchLines lines() {
        return lines;
    }

    BatchFiles files() {
        return files;
    }

    DirectEmbedding direct() {
        return direct;
    }

    BatchQueue queue() {
        return queue;
    }

    BatchTiming timing() {
        return timing;
    }

    InstantSource clock() {
        return clock;
    }

    BatchListener listener() {
        return listener;
    }

    /** The step at hand is the last one. */
    void stop() {
        stopping = true;
    }

    boolean stopping() {
        return stopping;
    }

    /** Nothing more may be paid for: what the provider has is stored, and then the run pauses. */
    void exhausted(BudgetExhaustedException reason) {
        exhausted.compareAndSet(null, reason);
    }

    Optional<BudgetExhaustedException> exhausted() {
        return Optional.ofNullable(exhausted.get());
    }

    /** A shard cannot go on, so that the others end as well. */
    void failed(Throwable reason) {
        failure.compareAndSet(null, reason);
        stop();
    }

    /** Throws what made a shard fail. */
    void checkFailure() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /** Throws what made a shard fail, or what makes it useless to read on. */
    void checkReading() {
        checkFailure();
        exhausted().ifPresent(reason -> {
            throw reason;
        });
    }
}
