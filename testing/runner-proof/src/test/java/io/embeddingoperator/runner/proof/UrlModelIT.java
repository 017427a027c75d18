package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import io.embeddingoperator.runner.embed.onnx.model.TestingFileServer;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model behind URLs, with its weights in a second file that the manifest gives no checksum of. */
class UrlModelIT {
    private static final Path MODELS = Path.of("src/test/resources/embed");
    private static final String MODEL = "tiny-residual-external.onnx";
    private static final String WEIGHTS = MODEL + ".weights";
    private static final String TOKENIZER = "tiny-tokenizer.json";

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingFileServer server;
    private Path manifest;

    @BeforeEach
    void serve() throws IOException {
        server = new TestingFileServer();
        Path file = folder.resolve("documents.ndjson");
        Files.writeString(file, "{\"id\": 1, \"body\": \"one\"}\n{\"id\": 2, \"body\": \"two\"}\n");
        server.put("/" + WEIGHTS, Files.readAllBytes(MODELS.resolve(WEIGHTS)));
        manifest = TestingManifest.forFiles(file.toString(), folder)
                .with(
                        "spec.embedder.onnx.model",
                        Map.of("url", Map.of("model", served(MODEL), "tokenizer", served(TOKENIZER))))
                .shards(2)
                .write(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void weightsThatChangeInMidRunAreRefusedWhereTheyAreFetchedAnewAndNotAskedForWhereTheyAreKept() throws IOException {
        // given a run of two pods, whose first one has fetched all files
        try (RunnerProcess first = pod(0, "a")) {
            assertThat(first.exitCode()).as(first.errors()).isZero();
        }
        byte[] weights = Files.readAllBytes(MODELS.resolve(WEIGHTS));
        weights[0]++;
        server.put("/" + WEIGHTS, weights);

        // when the second one comes to a machine without them
        try (RunnerProcess second = pod(1, "b")) {
            // then
            assertThat(second.exitCode()).as(second.errors()).isEqualTo(64);
            assertThat(second.errors())
                    .contains(
                            "began with other files of its model, which have changed since on their server or volume");
        }
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(1);

        // when it comes to the machine of the first one
        try (RunnerProcess third = pod(1, "a")) {
            // then
            assertThat(third.exitCode()).as(third.errors()).isZero();
        }
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(2);
    }

    private Map<String, String> served(String name) throws IOException {
        Path file = MODELS.resolve(name);
        server.put("/" + name, Files.readAllBytes(file));
        return Map.of("url", server.url() + "/" + name, "sha256", FileHash.sha256(file));
    }

    private RunnerProcess pod(int shard, String machine) {
        return RunnerCommand.run(manifest, database.uri())
                .with("EMBEDDING_OPERATOR_CACHE", folder.resolve(machine).toString())
                .forShard(shard)
                .execute();
    }
}
