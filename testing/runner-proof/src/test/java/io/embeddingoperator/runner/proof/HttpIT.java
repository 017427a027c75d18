package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.http.StatusPort;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import io.embeddingoperator.runner.testing.TestingModelFolder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a runner tells the world while it works and when it ends. */
class HttpIT {
    private static final int DOCUMENTS = 5_000;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void aRunnerAnswersWhileItWorksAndItsLastWordsAreItsFinalProgress() throws IOException, SQLException {
        // given
        int port = freePort();
        Path lastWords = folder.resolve("termination-log");
        database.createDocuments(DOCUMENTS);
        Path manifest =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).write(folder);
        RunnerCommand command = RunnerCommand.run(manifest, database.uri())
                .forShard(0)
                .with(EnvironmentVariable.HTTP_PORT, Integer.toString(port))
                .with(EnvironmentVariable.HTTP_ADDRESS, "127.0.0.1")
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString());

        try (RunnerProcess runner = command.start();
                Connection blocker = TestingPostgres.connect(database.uri());
                Statement statement = blocker.createStatement()) {
            runner.awaitUntil("two windows were committed", () -> database.committedWindows("vectors") >= 2);
            blocker.setAutoCommit(false);
            statement.execute("LOCK TABLE vectors IN SHARE MODE");
            long committed = database.counter("vectors", "embedded");
            runner.awaitUntil(
                    "it knew of its last commit",
                    () -> progress(get(port, "/progress"))
                                    .committed()
                                    .documents()
                                    .embedded()
                            == committed);

            // when it is asked while another client holds more half-sent requests than the port takes
            List<Socket> held = halfSentRequests(port);
            HttpResponse<String> health = get(port, "/healthz");
            HttpResponse<String> metrics = get(port, "/metrics");
            HttpResponse<String> answer = get(port, "/progress");
            for (Socket socket : held) {
                socket.close();
            }
            blocker.rollback();
            runner.await();

            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(metrics.body().lines())
                    .contains(
                            "embedding_runner_documents_total{outcome=\"embedded\"} %.1f".formatted((double) committed))
                    .allMatch(line -> line.startsWith("#") || line.matches("[a-z0-9_]+(\\{.*})? [0-9.eE+-]+|.* NaN"));
            Progress progress = progress(answer);
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
            assertThat(progress.process().job()).isEqualTo("default/proof");
            assertThat(progress.process().shard()).isZero();
            assertThat(progress.phase()).isEqualTo(Progress.Phase.Embedding);
            assertThat(progress.committed().documents())
                    .isEqualTo(new Progress.Documents((long) DOCUMENTS, committed, 0, 0));
            assertThat(progress.planned()).isEqualTo(new Progress.Planned(1, (long) DOCUMENTS, DOCUMENTS));
            assertThat(progress.failedDocuments()).isEmpty();
        }
        String message = Files.readString(lastWords);
        assertThat(message.getBytes()).hasSizeLessThanOrEqualTo(TerminationMessage.MAX_BYTES);
        Progress last = TerminationMessage.read(message);
        assertThat(last.phase()).isEqualTo(Progress.Phase.Complete);
        assertThat(last.committed().documents()).isEqualTo(new Progress.Documents((long) DOCUMENTS, DOCUMENTS, 0, 0));
        assertThat(last.committed().work().percent()).isEqualTo(100);
        assertThat(last.committed().chunks()).isEqualTo(database.counter("vectors", "chunks"));
        assertThat(last.committed().tokens()).isEqualTo(database.counter("vectors", "tokens"));
    }

    private static List<Socket> halfSentRequests(int port) throws IOException {
        List<Socket> held = new ArrayList<>();
        for (int count = 0; count < StatusPort.CONNECTIONS + 50; count++) {
            Socket socket = new Socket("127.0.0.1", port);
            socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nX-A: ".getBytes(StandardCharsets.US_ASCII));
            held.add(socket);
        }
        return held;
    }

    @Test
    void everyLineOfAJsonLogIsAnObjectThatNamesTheJob() throws IOException {
        // given
        database.createDocuments(10);
        Path manifest =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).write(folder);

        // when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri())
                .forShard(0)
                .with(EnvironmentVariable.LOG_FORMAT, "json")
                .execute()) {
            // then
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(runner.output()).isEmpty();
            List<JsonNode> lines = new ArrayList<>();
            for (String line : runner.errors().lines().toList()) {
                lines.add(new ObjectMapper().readTree(line));
            }
            assertThat(lines).isNotEmpty().allSatisfy(line -> {
                // The tests' role owns its server, of which the runner warns.
                boolean warned = line.path("message").asText().contains("is a superuser");
                assertThat(line.path("level").asText()).isEqualTo(warned ? "WARN" : "INFO");
                assertThat(line.path("job").asText()).isEqualTo("default/proof");
                assertThat(line.path("run").asInt()).isEqualTo(1);
                assertThat(line.path("shard").asInt(-1)).isZero();
            });
            assertThat(lines)
                    .extracting(line -> line.path("message").asText())
                    .anySatisfy(message -> assertThat(message).startsWith("10 documents embedded"));
        }
    }

    @Test
    void aFailureIsAnObjectOfAJsonLogToo() throws IOException {
        // given
        Path manifest =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).write(folder);

        // when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri())
                .with(EnvironmentVariable.LOG_FORMAT, "json")
                .execute()) {
            // then
            assertThat(runner.exitCode()).isEqualTo(64);
            JsonNode last =
                    new ObjectMapper().readTree(runner.errors().lines().toList().getLast());
            assertThat(last.path("level").asText()).isEqualTo("ERROR");
            assertThat(last.path("message").asText()).startsWith("spec.source.postgres.table is 'public.documents'");
        }
    }

    @Test
    void theLastWordsOfARunnerWithABadManifestNameTheField() throws IOException {
        // given
        Path lastWords = folder.resolve("termination-log");
        Path manifest = TestingManifest.forTable(folder)
                .with("spec.chunking.maxTokens", 4)
                .write(folder);

        // when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri())
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString())
                .execute()) {
            // then
            assertThat(runner.exitCode()).isEqualTo(64);
        }
        Progress last = TerminationMessage.read(Files.readString(lastWords));
        assertThat(last.phase()).isEqualTo(Progress.Phase.Failed);
        assertThat(last.message()).contains("spec.chunking.maxTokens is 4");
    }

    @Test
    void theLastWordsOfARunnerWithoutItsTableNameTheTable() throws IOException {
        // given
        Path lastWords = folder.resolve("termination-log");
        Path manifest =
                TestingManifest.forTable(TestingModelFolder.fast(folder)).write(folder);

        // when
        try (RunnerProcess runner = RunnerCommand.run(manifest, database.uri())
                .forShard(3)
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString())
                .execute()) {
            // then
            assertThat(runner.exitCode()).isEqualTo(64);
        }
        Progress last = TerminationMessage.read(Files.readString(lastWords));
        assertThat(last.process().job()).isEqualTo("default/proof");
        assertThat(last.process().shard()).isEqualTo(3);
        assertThat(last.message()).startsWith("spec.source.postgres.table is 'public.documents'");
    }

    private static HttpResponse<String> get(int port, String path) {
        URI uri = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .join();
        }
    }

    private static Progress progress(HttpResponse<String> answer) {
        try {
            return new ObjectMapper().readValue(answer.body(), Progress.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
