package io.embeddingoperator.runner.sink.batch;

/**
 * Batches of a run by what became of them.
 *
 * @param submitted handed to the provider, with any outcome
 * @param inProgress that the provider works on
 * @param completed whose results are in the sink
 * @param failed that failed, expired or were cancelled; what they left undone went into later ones
 */
public record BatchCounts(int submitted, int inProgress, int completed, int failed) {
    public static final BatchCounts NONE = new BatchCounts(0, 0, 0, 0);

    public BatchCounts plus(BatchCounts other) {
        return new BatchCounts(
                submitted + other.submitted,
                inProgress + other.inProgress,
                completed + other.completed,
                failed + other.failed);
    }
}
