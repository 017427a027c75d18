package io.embeddingoperator.runner.batches;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.sink.batch.PendingTotals;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What the manifest says about batches.
 *
 * @param job that the provider's own pages show with each batch
 * @param shards of the whole run, which share the threshold and the provider's queue
 * @param threshold documents of the whole run up to which they are embedded by requests; negative where there are always batches
 * @param enqueuedTokens that the provider's queue takes, where the manifest says it
 */
public record BatchRules(String job, int shards, long threshold, OptionalLong enqueuedTokens) {
    private static final long ALWAYS = -1;

    public BatchRules {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(enqueuedTokens, "enqueuedTokens");
        if (shards < 1) {
            throw new IllegalArgumentException(shards + " shards: use 1 or more");
        }
    }

    public static BatchRules of(String job, OpenAiEmbedder spec, int shards) {
        long threshold = switch (spec.mode()) {
            case Batch -> ALWAYS;
            case Auto -> spec.usesBatches() ? spec.batchThreshold() : Long.MAX_VALUE;
            case Realtime -> Long.MAX_VALUE;
        };
        Long enqueued = spec.limits().enqueuedBatchTokens();
        return new BatchRules(
                job, shards, threshold, enqueued == null ? OptionalLong.empty() : OptionalLong.of(enqueued));
    }

    /** Whether what waits in a shard is worth batches; each shard has its part of the threshold. */
    boolean wantBatches(PendingTotals totals) {
        return totals.unassigned().documents() + totals.assigned().documents()
                > (threshold < 0 ? threshold : Math.ceilDiv(threshold, shards));
    }
}
