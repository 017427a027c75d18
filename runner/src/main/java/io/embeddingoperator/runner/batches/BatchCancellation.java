package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.embed.openai.batch.BatchApi;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Cancels batches of shards that this process has taken, waits until the provider has let go of them and deletes their files.
 * Their documents are given back; results that are there already are not stored, since the job may not want them any more. Safe to
 * repeat.
 */
public final class BatchCancellation {
    private static final String REASON = "its batch was cancelled";

    private final BatchApi api;
    private final BatchTiming timing = BatchTiming.usual();
    private final InstantSource clock = InstantSource.system();
    private final BatchListener listener;
    private final List<LiveBatches> shards = new ArrayList<>();

    /** @param job that the provider shows with each batch */
    public BatchCancellation(OpenAiHttp http, BatchForm form, String job) {
        this.api = new BatchApi(http, form, job);
        this.listener = new Silence();
    }

    /** Adds the batches of a shard, and tells the sink that they are to be cancelled. */
    public List<BatchRecord> add(PendingDocuments pending) {
        ProviderRecovery leftBehind = new ProviderRecovery(api, timing, clock);
        BatchImport counting = new BatchImport(
                api,
                pending,
                BatchImport.Purpose.COUNT,
                0,
                Optional.empty(),
                () -> false,
                new MissingResults(timing.grace(), clock),
                listener);
        BatchSteps steps = new BatchSteps(
                api,
                pending,
                Optional.empty(),
                counting,
                new BatchEnd(pending, listener),
                new BatchQueue(OptionalLong.empty(), 1, timing),
                new BatchSize(),
                leftBehind,
                clock,
                listener);
        LiveBatches live = new LiveBatches(steps, timing, clock);
        List<BatchRecord> batches = pending.batches();
        batches.forEach(live::add);
        live.replaceAll(batch -> steps.cancel(batch, REASON));
        shards.add(live);
        return batches;
    }

    /**
     * Works until nothing is left at the provider or the time is up.
     *
     * @param waiting hears of the batches that are left, each time before they are left alone for a while
     * @return the batches that are left
     */
    public List<BatchRecord> run(Duration patience, Consumer<List<BatchRecord>> waiting) throws InterruptedException {
        Instant deadline = clock.instant().plus(patience);
        while (true) {
            boolean moved = false;
            for (LiveBatches live : shards) {
                moved |= live.pass(() -> false);
            }
            List<BatchRecord> left =
                    shards.stream().flatMap(live -> live.records().stream()).toList();
            Instant now = clock.instant();
            if (left.isEmpty() || !now.isBefore(deadline)) {
                return left;
            }
            if (!moved) {
                waiting.accept(left);
                Instant due = shards.stream()
                        .map(LiveBatches::nextDue)
                        .reduce(deadline, (one, other) -> one.isBefore(other) ? one : other);
                Thread.sleep(Math.max(1, Duration.between(now, due).toMillis()));
            }
        }
    }

    private record Silence() implements BatchListener {
        @Override
        public void committed(int shard, Counts counters) {}

        @Override
        public void completed(int shard) {}

        @Override
        public void polled() {}
    }
}
