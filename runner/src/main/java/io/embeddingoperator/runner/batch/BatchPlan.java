package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.embed.BatchLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Cuts a window's chunks into batches by token budget. Sorted by length, the chunks of a batch are nearly equal, so that
 * almost nothing is padded; longest first, so that the largest batch is met at once and memory is taken in one step.
 */
public final class BatchPlan {
    private BatchPlan() {}

    public static List<Batch> of(List<PendingChunk> chunks, BatchLimits limits) {
        List<PendingChunk> sorted = new ArrayList<>(chunks);
        sorted.sort(Comparator.comparingInt(PendingChunk::tokens).reversed());
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < sorted.size(); ) {
            int longest = sorted.get(from).tokens();
            int fitting = Math.clamp(limits.maxTokens() / longest, 1, limits.maxTexts());
            int to = Math.min(sorted.size(), from + fitting);
            batches.add(new Batch(sorted.subList(from, to)));
            from = to;
        }
        return batches;
    }
}
