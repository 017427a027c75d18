package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.onnx.model.TestingFileServer;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of a hub whose branch moves, with its weights in a second file. */
class HubModelIT {
    private static final String CACHE = "EMBEDDING_OPERATOR_CACHE";
    private static final Path MODELS = Path.of("src/test/resources/embed");
    private static final String FIRST = "1".repeat(40);
    private static final String SECOND = "2".repeat(40);

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    private TestingFileServer hub;
    private Path manifest;

    @BeforeEach
    void serve() throws IOException {
        hub = new TestingFileServer();
        for (String commit : List.of(FIRST, SECOND)) {
            put(commit, "onnx/model.onnx", "tiny-residual-external.onnx");
            put(commit, "onnx/tiny-residual-external.onnx.weights", "tiny-residual-external.onnx.weights");
            put(commit, "tokenizer.json", "tiny-tokenizer.json");
        }
        move(FIRST);
        Path file = folder.resolve("documents.ndjson");
        Files.writeString(file, "{\"id\": 1, \"body\": \"one\"}\n{\"id\": 2, \"body\": \"two\"}\n");
        manifest = TestingManifest.forFiles(file.toString(), folder)
                .with(
                        "spec.embedder",
                        Map.of(
                                "onnx",
                                Map.of(
                                        "model",
                                        Map.of("huggingFace", Map.of("repository", "owner/name")),
                                        "maxTokens",
                                        32)))
                .shards(2)
                .write(folder);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void allPodsOfARunTakeTheCommitThatItsBranchStoodForAtFirst() {
        // given
        run(command("run").forShard(0));
        move(SECOND);

        // when
        run(command("run").forShard(1));

        // then
        assertThat(hub.requests()).noneMatch(request -> request.contains(SECOND));
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(2);

        // when a run starts over, then it takes the branch as it is now
        run(command("run"));
        assertThat(hub.requests()).anyMatch(request -> request.contains(SECOND));
    }

    @Test
    void aModelIsShownWithWhatTheManifestLeavesOpenAndFetchedForMachinesWithoutAHub() throws IOException {
        // when
        String fetched = run(command("model", "fetch"));
        String shown = run(command("model", "show"));

        // then
        assertThat(fetched).contains("onnx/tiny-residual-external.onnx.weights").contains("the model works: ");
        assertThat(shown)
                .startsWith("model:\n  huggingFace:\n    repository: \"owner/name\"\n    revision: \"%s\"\n"
                        .formatted(FIRST))
                .contains("    file: \"onnx/model.onnx\"\n    tokenizerFile: \"tokenizer.json\"\n    sha256: \"")
                .containsPattern("# \\d+ dimensions");

        // when the manifest names the commit, then no server is needed
        hub.close();
        String pinned = Files.readString(manifest)
                .replace(
                        "repository: \"owner/name\"",
                        "repository: \"owner/name\"\n          revision: \"%s\"".formatted(FIRST));
        Files.writeString(manifest, pinned);
        run(command("run"));
        assertThat(database.number("SELECT count(*) FROM vectors")).isEqualTo(2);
    }

    @Test
    void aCommandThatWaitsForTheHubSaysSo() {
        // given a table that was filled, and a machine that has nothing of its model
        run(command("run"));
        String elsewhere = folder.resolve("cache of another machine").toString();
        hub.refuse(Integer.MAX_VALUE, 503);

        // when
        try (RunnerProcess planned = command("plan").with(CACHE, elsewhere).start();
                RunnerProcess shown =
                        command("model", "show").with(CACHE, elsewhere).start();
                RunnerProcess searched =
                        command("search", "one").with(CACHE, elsewhere).start()) {
            // then
            for (RunnerProcess waiting : List.of(planned, shown, searched)) {
                waiting.awaitUntil(
                        "a line about the hub", () -> waiting.errors().contains("yet: "));
                assertThat(waiting.errors())
                        .containsPattern("yet: Downloading " + hub.url() + "/\\S+ has taken \\d+ s so far: 0 MB are"
                                + " here, and the last try failed \\(the server answered with status 503\\)");
            }
        }
    }

    private void put(String commit, String path, String file) throws IOException {
        hub.put("/owner/name/resolve/%s/%s".formatted(commit, path), Files.readAllBytes(MODELS.resolve(file)));
    }

    /** The branch main stands for another commit from now on. */
    private void move(String commit) {
        hub.put(
                "/api/models/owner/name/revision/main",
                "{\"sha\": \"%s\"}".formatted(commit).getBytes(StandardCharsets.UTF_8));
    }

    private RunnerCommand command(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("-f", manifest.toString()));
        return new RunnerCommand(
                        arguments, RunnerCommand.run(manifest, database.uri()).environment())
                .with("HF_ENDPOINT", hub.url())
                .with(CACHE, folder.resolve("cache").toString());
    }

    private static String run(RunnerCommand command) {
        try (RunnerProcess runner = command.execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }
}
