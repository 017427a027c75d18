package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Everything beside a document's text that its vectors depend on.
 *
 * @param chunking fingerprint of the chunker
 * @param embedding fingerprint of the embedder
 */
record Recipe(String chunking, String embedding) {
    private static final String SEPARATOR = "|";

    /** Of a checksum, enough to tell two apart. */
    private static final int SHOWN_CHARS = 60;

    Recipe {
        Objects.requireNonNull(chunking, "chunking");
        Objects.requireNonNull(embedding, "embedding");
    }

    static Recipe of(EmbeddingJobSpec spec, Embedder embedder) {
        return new Recipe(Chunker.of(spec.chunking(), embedder.tokenizer()).fingerprint(), embedder.fingerprint());
    }

    /** As {@link #text} wrote it. */
    static Recipe read(String text) {
        int end = text.indexOf(SEPARATOR);
        return end < 0 ? new Recipe("", text) : new Recipe(text.substring(0, end), text.substring(end + 1));
    }

    /** The form in which the sink keeps it. */
    String text() {
        return chunking + SEPARATOR + embedding;
    }

    /** Refuses an embedder for searches in a table that another recipe has filled. */
    static void checkSearches(EmbeddingJobSpec spec, Embedder embedder, EmbeddingSink sink) {
        sink.recipe()
                .map(Recipe::read)
                .ifPresent(filled -> of(spec, embedder)
                        .checkSearches(filled, spec.sink().pgvector().table()));
    }

    /**
     * Refuses a search in vectors of another kind: the distances would be numbers without a meaning.
     *
     * @param filled under which the table was filled
     * @param table its name
     */
    void checkSearches(Recipe filled, String table) {
        if (embedding.equals(filled.embedding)) {
            return;
        }
        throw new SpecificationException(
                ("%s was filled with %s, and this manifest gives %s: distances between them mean nothing; search with the"
                                + " manifest that filled the table, or run the job with this one first")
                        .formatted(table, filled.apartFrom(this), apartFrom(filled)));
    }

    /** What the other does not have. */
    private String apartFrom(Recipe other) {
        Set<String> parts = new LinkedHashSet<>(parts());
        other.parts().forEach(parts::remove);
        if (parts.isEmpty()) {
            return "fewer settings";
        }
        return String.join(
                ", ",
                parts.stream()
                        .map(part -> part.length() <= SHOWN_CHARS ? part : part.substring(0, SHOWN_CHARS) + "…")
                        .toList());
    }

    private List<String> parts() {
        return List.of(embedding.split(" (?=\\w+=)"));
    }
}
