package io.embeddingoperator.runner.embed;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import java.util.List;

/** Turns texts into vectors. Safe for concurrent use by up to {@link #concurrency} threads. */
public interface Embedder extends AutoCloseable {
    /** One line for a person: the model, where it runs and how. */
    String description();

    /** Names the model and every setting that changes a vector: equal fingerprints, equal vectors. */
    String fingerprint();

    /** Length of a vector. */
    int dimensions();

    /** The distance that the vectors are made for. */
    default DistanceMetric metric() {
        return DistanceMetric.Cosine;
    }

    Tokenizer tokenizer();

    /** What one call takes just now; it may change while a run goes on. */
    BatchLimits batchLimits();

    /** How many calls of {@link #embed} at a time pay off. */
    int concurrency();

    /**
     * Embeds a batch.
     *
     * @return one vector a text, in the same order, each of {@link #dimensions} finite floats
     * @throws EmbeddingException when the batch cannot be embedded; the caller finds the guilty text by bisection. It holds what
     *     was embedded all the same
     */
    float[][] embed(List<TokenizedText> batch) throws EmbeddingException, InterruptedException;

    /** Embeds a search text, with the prefix that this model wants for queries. */
    float[] embedQuery(String text) throws EmbeddingException, InterruptedException;

    /**
     * Calls that wait for a provider end at once with {@link io.embeddingoperator.runner.failure.StoppedException}, and so does
     * every later one. What is under way comes back.
     */
    default void stop() {}

    /** Whether each call is billed, so that none may be made without need. */
    default boolean isBilled() {
        return false;
    }

    @Override
    void close();
}
