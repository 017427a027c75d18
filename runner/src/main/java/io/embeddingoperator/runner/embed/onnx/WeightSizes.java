package io.embeddingoperator.runner.embed.onnx;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The sizes of a model's matrices, which tell what it takes to run it.
 *
 * @param width of the hidden state of each token: a row of the tallest matrix, which has one for each token of the vocabulary; 0
 *     where the model has no matrix
 * @param vocabularyBytes of that matrix, at least
 */
record WeightSizes(long width, long vocabularyBytes) {
    /** The shape is the author's word: no honest matrix is larger, and numbers beyond would overflow what follows. */
    private static final long WIDEST = 1 << 20;

    private static final long TALLEST = 1 << 28;

    static final class Builder {
        private long rows;
        private long width;
        private long bytes;

        void add(MemorySegment tensor) {
            GraphWeight weight = GraphWeight.read(tensor);
            List<Long> shape = weight.shape();
            if (shape.size() == 2 && shape.getFirst() > rows && shape.getLast() > 1) {
                rows = Math.min(shape.getFirst(), TALLEST);
                width = Math.min(shape.getLast(), WIDEST);
                // Where the numbers lie elsewhere, each has one byte or more.
                bytes = Math.max(rows * width, weight.data().byteSize());
            }
        }

        WeightSizes build() {
            return new WeightSizes(width, bytes);
        }
    }
}
