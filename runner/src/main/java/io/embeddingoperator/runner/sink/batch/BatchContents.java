package io.embeddingoperator.runner.sink.batch;

import java.util.Objects;

/**
 * What still waits in a batch, by ordinal. The arrays are shared, not copied: they are never written to.
 *
 * @param inputs how many vectors each document wants; 0 where it is not pending in the batch any more
 * @param textBytes how long the text of each document is, in UTF-8; 0 likewise
 */
public record BatchContents(int[] inputs, int[] textBytes) {
    public BatchContents {
        Objects.requireNonNull(inputs, "inputs");
        Objects.requireNonNull(textBytes, "textBytes");
        if (inputs.length != textBytes.length) {
            throw new IllegalArgumentException("%d documents have %d texts".formatted(inputs.length, textBytes.length));
        }
    }

    /** A batch whose vectors are not waited for. */
    public static BatchContents nothing(int documents) {
        return new BatchContents(new int[documents], new int[documents]);
    }
}
