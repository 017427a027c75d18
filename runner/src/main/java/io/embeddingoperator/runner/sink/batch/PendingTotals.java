package io.embeddingoperator.runner.sink.batch;

import java.util.Objects;

/**
 * What waits for its vectors in a shard.
 *
 * @param unassigned what the next batches may take
 * @param oversize what is too large for a batch
 * @param assigned what is in batches, until they are imported to the end
 * @param enqueuedTokensOfRun tokens of all batches of the run, of every shard, that the provider has or may have
 */
public record PendingTotals(Amount unassigned, Amount oversize, Amount assigned, long enqueuedTokensOfRun) {
    public PendingTotals {
        Objects.requireNonNull(unassigned, "unassigned");
        Objects.requireNonNull(oversize, "oversize");
        Objects.requireNonNull(assigned, "assigned");
    }

    /** Documents with their chunks and tokens, and the bytes of their lines. */
    public record Amount(long documents, long inputs, long tokens, long bytes) {
        public static final Amount NOTHING = new Amount(0, 0, 0, 0);
    }

    /** All documents of the shard that wait. */
    public long documents() {
        return unassigned.documents() + oversize.documents() + assigned.documents();
    }
}
