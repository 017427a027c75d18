package io.embeddingoperator.cluster.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The parts of images, each under its digest.
 *
 * @param folder has them in {@code blobs}
 */
record ImageParts(Path folder) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The same image with more variables in its environment: its layers stay, its config and its manifest are written anew.
     *
     * @param reference what refers to its manifest
     * @return what refers to the new one
     */
    JsonNode withVariables(JsonNode reference, Map<String, String> variables) {
        ObjectNode manifest = read(reference);
        ObjectNode config = read(manifest.path("config"));
        variables.forEach(
                (name, value) -> config.withObject("config").withArray("Env").add("%s=%s".formatted(name, value)));
        manifest.set("config", write(config, manifest.path("config")));
        return write(manifest, reference);
    }

    private ObjectNode read(JsonNode reference) {
        try {
            return (ObjectNode) JSON.readTree(file(reference).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode write(JsonNode part, JsonNode former) {
        try {
            byte[] bytes = JSON.writeValueAsBytes(part);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            ObjectNode reference = former.<ObjectNode>deepCopy()
                    .put("digest", "sha256:" + HexFormat.of().formatHex(hash))
                    .put("size", bytes.length);
            Files.write(file(reference), bytes);
            return reference;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private Path file(JsonNode reference) {
        return folder.resolve("blobs").resolve(reference.path("digest").asText().replace(':', '/'));
    }
}
