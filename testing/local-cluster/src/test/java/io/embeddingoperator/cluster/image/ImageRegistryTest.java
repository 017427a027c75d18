package io.embeddingoperator.cluster.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.cluster.ProjectScript;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry as containerd asks it: for the manifest of a name, for what that names, and for names that were never pushed. */
class ImageRegistryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANIFEST = "/v2/models/minilm/manifests/%s?ns=registry.example";

    @TempDir
    private Path folder;

    private ImageRegistry registry;

    @BeforeEach
    void start() {
        registry = ImageRegistry.start("127.0.0.1", folder.resolve("registry"));
    }

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void givesAnImageByItsTagAndByItsDigest() throws IOException, InterruptedException {
        // when
        String digest = registry.add("registry.example/models/minilm:1", archive());

        // then
        HttpResponse<String> tagged = get(MANIFEST.formatted("1"));
        assertThat(tagged.statusCode()).isEqualTo(200);
        assertThat(tagged.headers().firstValue("Docker-Content-Digest")).hasValue(digest);
        assertThat(tagged.headers().firstValue("Content-Type")).hasValue("application/vnd.oci.image.manifest.v1+json");
        assertThat(get(MANIFEST.formatted(digest)).body()).isEqualTo(tagged.body());

        // and every part that the manifest names
        JsonNode layer = JSON.readTree(tagged.body()).path("layers").path(0);
        HttpResponse<String> blob =
                get("/v2/models/minilm/blobs/" + layer.path("digest").asText());
        assertThat(blob.statusCode()).isEqualTo(200);
        assertThat(blob.headers().firstValue("Content-Length"))
                .hasValue(layer.path("size").asText());
    }

    @Test
    void givesAnImageMoreVariables() throws IOException, InterruptedException {
        registry.add("registry.example/models/minilm:1", archive());
        JsonNode plain = JSON.readTree(get(MANIFEST.formatted("1")).body());

        // when
        String digest =
                registry.add("registry.example/models/minilm:2", archive(), Map.of("JAVA_OPTIONS", "-Xmx64m -Xms64m"));

        // then its layers are those of the archive, and its config says what was added
        JsonNode manifest = JSON.readTree(get(MANIFEST.formatted(digest)).body());
        assertThat(manifest.path("layers")).isEqualTo(plain.path("layers"));
        HttpResponse<String> config = get("/v2/models/minilm/blobs/"
                + manifest.path("config").path("digest").asText());
        assertThat(JSON.readTree(config.body()).at("/config/Env"))
                .extracting(JsonNode::asText)
                .contains("JAVA_OPTIONS=-Xmx64m -Xms64m");
        assertThat(config.headers().firstValue("Content-Length"))
                .hasValue(manifest.path("config").path("size").asText());
    }

    @Test
    void doesNotKnowWhatWasNotPushed() throws IOException, InterruptedException {
        registry.add("registry.example/models/minilm:1", archive());

        assertThat(get(MANIFEST.formatted("2")).statusCode()).isEqualTo(404);
        assertThat(get("/v2/models/minilm/manifests/1?ns=another.example").statusCode())
                .isEqualTo(404);
        assertThat(get("/v2/models/minilm/manifests/1").statusCode()).isEqualTo(404);
        assertThat(get("/v2/models/minilm/blobs/sha256:%064d".formatted(0)).statusCode())
                .isEqualTo(404);

        // and when it is taken away
        registry.remove("registry.example/models/minilm:1");

        // then
        assertThat(get(MANIFEST.formatted("1")).statusCode()).isEqualTo(404);
    }

    private Path archive() throws IOException {
        Path content = Files.createDirectories(folder.resolve("content"));
        Files.writeString(content.resolve("model.onnx"), "weights");
        Path archive = folder.resolve("model.tar");
        ProjectScript.named("image-archive").result(content.toString(), archive.toString());
        return archive;
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + registry.address() + path))
                            .build(),
                    BodyHandlers.ofString());
        }
    }
}
