package io.embeddingoperator.bench;

import java.util.List;

/** A way of embedding texts with the bundled model, used as its users would; it lives as long as the process. */
interface Contender {
    /** What a reader of the table knows it by. */
    String name();

    /**
     * Embeds all texts, tokenizing included.
     *
     * @return how long it took, without loading the model, and what came of it
     */
    Embedded embed(List<String> texts) throws Exception;

    /**
     * What a contender did.
     *
     * @param vectors one a text, in the same order; empty where they stay in another process
     */
    record Embedded(double seconds, List<float[]> vectors) {
        static Embedded since(long startNanos, List<float[]> vectors) {
            return new Embedded((System.nanoTime() - startNanos) / 1e9, vectors);
        }
    }
}
