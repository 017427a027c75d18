package io.embeddingoperator.e2e.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What an image says that it is made of: a CycloneDX file at the place that the image's label names. */
record BillOfMaterials(JsonNode content) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The file of that name in an image, of which the root file system is given. */
    static BillOfMaterials of(Path root, String name) {
        Path file = root.resolve("usr/share/sbom").resolve(name + ".cdx.json");
        try {
            return new BillOfMaterials(JSON.readTree(file.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String format() {
        return content.path("bomFormat").asText();
    }

    /** The file name of what it is the bill of. */
    String product() {
        JsonNode product = content.path("metadata").path("component");
        return product.path("name").asText() + "-" + product.path("version").asText() + ".jar";
    }

    /** The names of all components. */
    List<String> names() {
        return components().map(component -> component.path("name").asText()).toList();
    }

    /** The name of each component by the SHA-256 of its file. */
    Map<String, String> namesByChecksum() {
        Map<String, String> names = new TreeMap<>();
        components()
                .forEach(component ->
                        names.put(sha256(component), component.path("purl").asText()));
        return names;
    }

    private Stream<JsonNode> components() {
        return StreamSupport.stream(content.path("components").spliterator(), false);
    }

    private static String sha256(JsonNode component) {
        for (JsonNode hash : component.path("hashes")) {
            if ("SHA-256".equals(hash.path("alg").asText())) {
                return hash.path("content").asText();
            }
        }
        throw new AssertionError("the bill of materials has no SHA-256 of "
                + component.path("purl").asText());
    }
}
