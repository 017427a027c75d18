package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The memory that a model takes on a CPU beside the heap. The numbers are upper bounds of what was measured.
 *
 * @param base bytes that are taken however many calls there are
 * @param call bytes of each call at a time
 */
record ModelMemory(long base, long call) {
    /**
     * Classes, compiled code, libraries, threads and what the C library keeps: 120 to 135 MiB were measured. One file is read at a
     * time, and whether it is compressed shows only when it is opened.
     */
    private static final long PROCESS = (136L << 20) + Limits.MAX_DECOMPRESSION_BYTES;

    /** The tokenizer's tables, for each byte of its file. */
    private static final long TOKENIZER_FACTOR = 16;

    /** Hidden states, sums, and the four times wider layer between them, of a token: in hidden states. */
    private static final long LAYER_STATES = 24;

    /** Scores are kept before and after their softmax, by heads that are at least this wide. */
    private static final long SCORES = 2;

    private static final long NARROWEST_HEAD = 32;

    /** A thread with its stack, and the tensors that a call is laid out in. */
    private static final long CALL = 2L << 20;

    /**
     * What a model needs.
     *
     * @param mapped whether large weights stay in their file: ONNX Runtime copies those that it multiplies by into an order of
     *     its own, but not the vocabulary; otherwise it has every weight twice while it loads
     * @param batchTokens of one call
     * @param maxTokens of one text
     */
    static ModelMemory of(ModelFiles files, ModelGraph graph, boolean mapped, int batchTokens, int maxTokens) {
        long weights = weights(files, graph);
        long copied = mapped ? weights - Math.min(weights, graph.sizes().vocabularyBytes()) : weights;
        return of(weights + copied, size(files.tokenizer()), graph.sizes().width(), batchTokens, maxTokens);
    }

    static ModelMemory of(long weights, long tokenizer, long width, int batchTokens, int maxTokens) {
        long floats = LAYER_STATES * width + SCORES * maxTokens * (width / NARROWEST_HEAD);
        return new ModelMemory(
                PROCESS + weights + TOKENIZER_FACTOR * tokenizer, CALL + batchTokens * floats * Float.BYTES);
    }

    /** Bytes of the model's files, the tokenizer's not among them. */
    static long weights(ModelFiles files, ModelGraph graph) {
        return Stream.concat(Stream.of(files.model()), graph.externalFiles().values().stream())
                .mapToLong(ModelMemory::size)
                .sum();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // It was read a moment ago, and is read again: then it is refused with a sentence.
            return 0;
        }
    }
}
