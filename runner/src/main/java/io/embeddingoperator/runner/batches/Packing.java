package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.PendingTotals;

/** What is to be done with documents that wait and are in no batch. */
sealed interface Packing {
    /** They go on waiting: for more of them, or for room at the provider. */
    record Wait() implements Packing {}

    /** They get a batch. */
    record Pack(BatchCapacity capacity) implements Packing {}

    /**
     * They are embedded at once, by requests.
     *
     * @param oversizeOnly only those that are too large for a batch
     */
    record Embed(boolean oversizeOnly) implements Packing {}

    /**
     * Decides.
     *
     * @param sourceRead whether no more documents come
     * @param waiting batches that are packed and not handed in yet: while there is one, the queue is full, or the upload slow
     * @param batchTokens the most tokens of a batch
     */
    static Packing of(PendingTotals totals, BatchRules rules, boolean sourceRead, int waiting, long batchTokens) {
        boolean batches = rules.wantBatches(totals);
        if (batches && waiting == 0 && isWorthABatch(totals, sourceRead, batchTokens)) {
            return new Pack(new BatchCapacity(BatchFileLimits.INPUTS, batchTokens, BatchFileLimits.BYTES));
        }
        if (totals.oversize().documents() > 0) {
            return new Embed(true);
        }
        if (!batches && sourceRead && totals.unassigned().documents() > 0) {
            return new Embed(false);
        }
        return new Wait();
    }

    /** Whether so much waits that reading must pause: a file's worth, and it does not become a batch. */
    static boolean isEnough(PendingTotals totals, BatchRules rules, long batchTokens) {
        return rules.wantBatches(totals) && isFile(totals.unassigned(), batchTokens);
    }

    private static boolean isWorthABatch(PendingTotals totals, boolean sourceRead, long batchTokens) {
        return sourceRead ? totals.unassigned().documents() > 0 : isFile(totals.unassigned(), batchTokens);
    }

    private static boolean isFile(PendingTotals.Amount amount, long batchTokens) {
        return amount.inputs() >= BatchFileLimits.INPUTS
                || amount.bytes() >= BatchFileLimits.BYTES
                || amount.tokens() >= batchTokens;
    }
}
