package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Recipe;
import java.time.Duration;

/** Holds what a job embeds against what its table is filled with. */
final class SearchedSpace {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private SearchedSpace() {}

    /** What the vectors of a job depend on. */
    static Recipe recipe(EmbeddingJobSpec spec, Embedder embedder) {
        return new Recipe(Chunker.of(spec.chunking(), embedder.tokenizer()).fingerprint(), embedder.fingerprint());
    }

    /** Waits until the table has vectors of the job's space: a run fills a table beside it, which takes its place. */
    static void await(EmbeddingJobSpec spec, Embedder embedder, EmbeddingSink sink) throws InterruptedException {
        Recipe searching = recipe(spec, embedder);
        String waiting = "Waiting for a run to give %s the vectors of this model"
                .formatted(spec.sink().pgvector().table());
        try (Activity _ = Activities.ofThisProcess().begin(waiting)) {
            while (sink.recipe()
                    .map(Recipe::read)
                    .filter(filled -> !searching.isOfSpaceOf(filled))
                    .isPresent()) {
                Thread.sleep(BETWEEN_LOOKS);
            }
        }
    }

    /** Refuses an embedder for searches in a table that another recipe has filled. */
    static void check(EmbeddingJobSpec spec, Embedder embedder, EmbeddingSink sink) {
        sink.recipe()
                .map(Recipe::read)
                .ifPresent(filled -> check(
                        recipe(spec, embedder), filled, spec.sink().pgvector().table()));
    }

    /**
     * Refuses a search in vectors of another kind: the distances would be numbers without a meaning.
     *
     * @param filled under which the table was filled
     * @param table its name
     */
    static void check(Recipe searching, Recipe filled, String table) {
        if (!searching.isOfSpaceOf(filled)) {
            throw new SpecificationException(
                    ("%s was filled with %s, and this manifest gives %s: distances between them mean nothing; search with the"
                                    + " manifest that filled the table, or run the job with this one and"
                                    + " spec.sink.pgvector.replacement: Swap first")
                            .formatted(table, filled.apartFrom(searching), searching.apartFrom(filled)));
        }
    }
}
