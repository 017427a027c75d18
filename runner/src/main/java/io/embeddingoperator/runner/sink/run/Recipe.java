package io.embeddingoperator.runner.sink.run;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Everything beside a document's text that its vectors depend on.
 *
 * @param chunking fingerprint of the chunker
 * @param embedding fingerprint of the embedder: where it differs, distances between vectors mean nothing
 */
public record Recipe(String chunking, String embedding) {
    private static final String SEPARATOR = "|";

    /** Of a checksum, enough to tell two apart. */
    private static final int SHOWN_CHARS = 60;

    public Recipe {
        Objects.requireNonNull(chunking, "chunking");
        Objects.requireNonNull(embedding, "embedding");
    }

    /** As {@link #text} wrote it. */
    public static Recipe read(String text) {
        int end = text.indexOf(SEPARATOR);
        return end < 0 ? new Recipe("", text) : new Recipe(text.substring(0, end), text.substring(end + 1));
    }

    /** The form in which the sink keeps it. */
    public String text() {
        return chunking + SEPARATOR + embedding;
    }

    /** Whether the vectors of both may be compared: documents may be divided otherwise. */
    public boolean isOfSpaceOf(Recipe other) {
        return embedding.equals(other.embedding);
    }

    /** What the embedder of the other one does not have, for a sentence. */
    public String apartFrom(Recipe other) {
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
