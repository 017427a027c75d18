package io.embeddingoperator.runner.batch;

import io.embeddingoperator.runner.embed.BatchLimits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Cuts a window's chunks into batches by token budget. */
public final class BatchPlan {
    private BatchPlan() {}

    public static List<Batch> of(List<WaitingChunk> chunks, BatchLimits limits) {
        return switch (limits.packing()) {
            case PADDED -> padded(chunks, limits);
            case SUMMED -> summed(chunks, limits);
        };
    }

    /**
     * Sorted by length, the chunks of a batch are nearly equal, so that almost nothing is padded; longest first, so that the
     * largest batch is met at once and memory is taken in one step.
     */
    private static List<Batch> padded(List<WaitingChunk> chunks, BatchLimits limits) {
        List<WaitingChunk> sorted = new ArrayList<>(chunks);
        sorted.sort(Comparator.comparingInt(WaitingChunk::tokens).reversed());
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

    private static List<Batch> summed(List<WaitingChunk> chunks, BatchLimits limits) {
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < chunks.size(); ) {
            long tokens = chunks.get(from).tokens();
            int to = from + 1;
            while (to < chunks.size()
                    && to - from < limits.maxTexts()
                    && tokens + chunks.get(to).tokens() <= limits.maxTokens()) {
                tokens += chunks.get(to).tokens();
                to++;
            }
            batches.add(new Batch(chunks.subList(from, to), limits.packing()));
            from = to;
        }
        return batches;
    }
}
