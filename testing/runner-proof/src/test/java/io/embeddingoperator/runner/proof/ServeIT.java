package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The endpoint of a job's model, asked by OpenAI's own client. */
class ServeIT {
    private static final Path CORPUS = Path.of("../examples/corpus/postgresql-documentation.ndjson");
    private static final Pattern READY = Pattern.compile("ready: http://127\\.0\\.0\\.1:(\\d+)/v1/embeddings");
    private static final int DOCUMENTS = 60;
    private static final String MODEL = "all-minilm-l6-v2";
    private static final String QUESTION = "Which type stores the address of a computer in a network?";

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void theVectorsAreThoseOfTheTableAndFindWhatSearchFinds() throws IOException {
        // given
        TestingManifest manifest = manifest();
        Path file = manifest.write(folder);
        execute("run", "-f", file.toString());
        String found = execute("search", "-f", file.toString(), "-k", "1", QUESTION);
        String content = database.texts("SELECT content FROM vectors ORDER BY id, chunk LIMIT 1")
                .getFirst();

        try (RunnerProcess endpoint = serve(file)) {
            OpenAIClient client = client(endpoint);

            // when
            List<Float> document = ask(client, content, "document");
            List<Float> query = ask(client, QUESTION, "query");

            // then
            assertThat(database.texts("SELECT embedding::text FROM vectors ORDER BY id, chunk LIMIT 1"))
                    .containsExactly(database.texts("SELECT '%s'::vector::text".formatted(document))
                            .getFirst());
            String nearest = database.texts("SELECT id || '#' || chunk FROM vectors ORDER BY embedding <=> '%s' LIMIT 1"
                            .formatted(query))
                    .getFirst();
            assertThat(found).contains("  " + nearest + "  ");
            String url = "http://127.0.0.1:" + port(endpoint);
            assertThat(execute("search", "-f", file.toString(), "--endpoint", url, "-k", "1", QUESTION))
                    .isEqualTo(found);
            client.close();
        }
    }

    @Test
    void anEndpointThatIsAskedToEndAnswersWhatItWasAsked() throws Exception {
        // given
        try (RunnerProcess endpoint = serve(manifest().write(folder))) {
            OpenAIClient client = client(endpoint);
            List<Throwable> failures = new ArrayList<>();
            Thread asking = Thread.ofVirtual().start(() -> {
                try {
                    client.embeddings()
                            .create(EmbeddingCreateParams.builder()
                                    .model(MODEL)
                                    .inputOfArrayOfStrings(Collections.nCopies(1_500, "a text of some words".repeat(4)))
                                    .build());
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            });
            endpoint.awaitUntil("the endpoint is at work", () -> isAtWork(endpoint));

            // when
            endpoint.signal("TERM");
            asking.join();
            endpoint.await();

            // then
            assertThat(failures).isEmpty();
            assertThat(endpoint.exitCode()).isEqualTo(143);
            client.close();
        }
    }

    @Test
    void anEndpointOfAnotherSpaceThanTheTablesIsRefused() throws IOException {
        // given
        TestingManifest manifest = manifest();
        execute("run", "-f", manifest.write(folder).toString());
        Path other = manifest.with("spec.embedder.onnx.prefix", "passage: ").write(folder, "other.yaml");
        Path lastWords = folder.resolve("termination-log");

        // when
        try (RunnerProcess endpoint = command("serve", "-f", other.toString(), "--port", "0")
                .with(EnvironmentVariable.TERMINATION_MESSAGE_PATH, lastWords.toString())
                .execute()) {

            // then
            assertThat(endpoint.exitCode()).isEqualTo(64);
            assertThat(endpoint.errors()).contains("distances between them mean nothing");
            assertThat(lastWords).content().contains("distances between them mean nothing");
        }
    }

    @Test
    void anEndpointWithAModelOfItsOwnKeepsToTheLimitsOfItsManifest() throws IOException {
        // given
        Path file = folder.resolve("endpoint.yaml");
        Files.writeString(file, """
                apiVersion: embedding-operator.io/v1alpha1
                kind: EmbeddingEndpoint
                metadata: {name: queries}
                spec:
                  embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}
                  limits: {maxRequestTexts: 2}
                """);

        try (RunnerProcess endpoint = serve(file)) {
            OpenAIClient client = client(endpoint);

            // when
            List<Float> query = ask(client, QUESTION, "query");

            // then
            assertThat(query).hasSize(384);
            assertThatThrownBy(() -> client.embeddings()
                            .create(EmbeddingCreateParams.builder()
                                    .model("queries")
                                    .inputOfArrayOfStrings(List.of("one", "two", "three"))
                                    .build()))
                    .isInstanceOf(BadRequestException.class);
            client.close();
        }
    }

    @Test
    void searchRefusesAnEndpointOfAnotherModelThanTheTables() throws IOException {
        // given
        Path job = manifest().write(folder);
        execute("run", "-f", job.toString());
        Path other = manifest()
                .with("spec.embedder.onnx.prefix", "passage: ")
                .into("public.others")
                .write(folder, "other.yaml");

        try (RunnerProcess endpoint = serve(other);
                // when
                RunnerProcess search = command(
                                "search",
                                "-f",
                                job.toString(),
                                "--endpoint",
                                "http://127.0.0.1:%s/v1".formatted(port(endpoint)),
                                QUESTION)
                        .execute()) {

            // then
            assertThat(search.exitCode()).isEqualTo(64);
            assertThat(search.errors())
                    .contains("the endpoint answers with another model")
                    .contains("public.vectors");
        }
    }

    private static boolean isAtWork(RunnerProcess endpoint) {
        String metrics = "http://127.0.0.1:%s/metrics".formatted(port(endpoint));
        try (InputStream body = URI.create(metrics).toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .anyMatch(line -> line.matches("embedding_endpoint_queued_texts [1-9].*"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Float> ask(OpenAIClient client, String text, String type) {
        CreateEmbeddingResponse reply = client.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model(MODEL)
                        .input(text)
                        .putAdditionalBodyProperty("input_type", JsonValue.from(type))
                        .build());
        return reply.data().getFirst().embedding();
    }

    private static OpenAIClient client(RunnerProcess endpoint) {
        return OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:%s/v1".formatted(port(endpoint)))
                .apiKey("none is asked for")
                .maxRetries(0)
                .build();
    }

    private static String port(RunnerProcess endpoint) {
        Matcher ready = READY.matcher(endpoint.output());
        assertThat(ready.find()).isTrue();
        return ready.group(1);
    }

    private RunnerProcess serve(Path manifest) {
        RunnerProcess endpoint =
                command("serve", "-f", manifest.toString(), "--port", "0").start();
        endpoint.awaitUntil(
                "the endpoint is ready", () -> READY.matcher(endpoint.output()).find());
        return endpoint;
    }

    private TestingManifest manifest() throws IOException {
        Path file = folder.resolve("corpus.ndjson");
        Files.write(
                file,
                Files.readAllLines(CORPUS).stream()
                        .filter(line -> line.length() < 2_000)
                        .limit(DOCUMENTS)
                        .toList());
        return TestingManifest.forFiles(file.toString(), folder)
                .with("spec.source.volume.textFields", List.of("title", "body"))
                .with("spec.chunking", Map.of("strategy", "Recursive", "maxTokens", 128, "overlapTokens", 16))
                .with("spec.embedder", Map.of("onnx", Map.of("model", Map.of("bundled", MODEL), "maxTokens", 128)));
    }

    private String execute(String... arguments) {
        try (RunnerProcess runner = command(arguments).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            return runner.output();
        }
    }

    private RunnerCommand command(String... arguments) {
        return new RunnerCommand(
                List.of(arguments),
                RunnerCommand.run(folder.resolve("none"), database.uri()).environment());
    }
}
