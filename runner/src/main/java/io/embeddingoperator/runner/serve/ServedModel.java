package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import java.util.List;
import java.util.Objects;

/**
 * The model that an endpoint answers with.
 *
 * @param names by which requests may call it; the first one is told to clients
 */
public record ServedModel(List<String> names, LocalEmbedder embedder) {
    public ServedModel {
        names = List.copyOf(names);
        Objects.requireNonNull(embedder, "embedder");
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a model has at least one name");
        }
    }

    public String name() {
        return names.getFirst();
    }

    /** A checksum of all that decides a document's vector. */
    String fingerprint() {
        return FileHash.sha256(embedder.fingerprint());
    }
}
