package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.batch.RequestLines;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.embed.openai.http.OpenAiHttp;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Batches of servers that have them in a form of their own, or not at all. */
class OtherServersBatchesTest {
    private static final int DOCUMENTS = 40;
    private static final SimulatorSettings QUICK =
            SimulatorSettings.defaults().withTiming(BatchTiming.of(Duration.ofMillis(100)));

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "LITELLM", "MISTRAL", "GEMINI"})
    void embedsEveryDocumentThroughABatch(Profile profile) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(profile), DOCUMENTS)) {
            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
            assertThat(run.embedder().texts()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "LITELLM", "MISTRAL", "GEMINI"})
    void findsABatchWhoseCreationWasLost(Profile profile) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(profile), DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new Fault.Reset(true));
            run.simulator().faults().onNext(Endpoint.UPLOAD_FILE, new Fault.Reset(true));

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AZURE", "LITELLM", "MISTRAL"})
    void embedsWhatAnExpiredBatchHasLeft(Profile profile) {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(profile), DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Expires(0.4, 1));

            // when
            run.run();

            // then
            run.assertAllIsEmbeddedOnce();
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "AzureOpenAI, https://a.example/openai/deployments/prod?api-version=1, , prod, /embeddings, https://a.example/openai",
        "AzureOpenAI, https://a.example/openai/deployments/prod/, night, night, /embeddings, https://a.example/openai",
        "AzureOpenAI, https://a.example/openai/v1/, night, night, /v1/embeddings, https://a.example/openai/v1",
        "AzureOpenAI, https://a.example/openai/v1, , text-embedding-3-small, /v1/embeddings, https://a.example/openai/v1",
        "LiteLLM, https://a.example/v1, behind, behind, /v1/embeddings, https://a.example/v1",
        "LiteLLM, https://a.example/v1, , text-embedding-3-small, /v1/embeddings, https://a.example/v1",
        "OpenAI, https://a.example/deployments/prod, , text-embedding-3-small, /v1/embeddings, https://a.example/deployments/prod"
    })
    void knowsWhereBatchesAreAndWhatTheirLinesName(
            OpenAiServer server, String baseUrl, String batchDeployment, String model, String url, String served) {
        // given
        OpenAiEmbedder spec = spec(server, baseUrl, batchDeployment);

        // when
        BatchForm form = BatchForm.of(spec);
        OpenAiEndpoint endpoint = form.endpoint(spec, OpenAiEndpoint.withoutKey(spec));

        // then
        assertThat(form.lines(Map.of(), 9)).isInstanceOfSatisfying(RequestLines.class, lines -> {
            assertThat(lines.model()).isEqualTo(model);
            assertThat(lines.url()).contains(url);
        });
        assertThat(endpoint).hasToString(served);
        assertThat(endpoint.headers())
                .isEqualTo(
                        server == OpenAiServer.LiteLLM ? Map.of("x-litellm-model", TestingBatchRun.MODEL) : Map.of());
    }

    @Test
    void asksMistralForAJobAndForPagesByTheirNumbers() throws IOException {
        BatchForm form = BatchForm.of(spec(OpenAiServer.Mistral, "https://a.example/v1", null));

        assertThat(form.page(2, 1_000, "file-7")).isEqualTo("page=2&page_size=100");
        assertThat(form.hasMore(json("{\"total\":301}"), 2, 1_000)).isTrue();
        assertThat(form.hasMore(json("{\"total\":300}"), 2, 1_000)).isFalse();
        assertThat(form.order("file-1", Map.of("a", "b")).toString())
                .isEqualTo("{\"input_files\":[\"file-1\"],\"endpoint\":\"/v1/embeddings\","
                        + "\"model\":\"text-embedding-3-small\",\"timeout_hours\":24,\"metadata\":{\"a\":\"b\"}}");
    }

    @Test
    void cancelsABatchOfAnotherForm() throws InterruptedException {
        for (Profile profile : new Profile[] {Profile.AZURE, Profile.MISTRAL, Profile.GEMINI}) {
            try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(profile), DOCUMENTS)) {
                // given
                run.simulator().faults().always(Endpoint.GET_BATCH, Fault.ServerError.overloaded());
                try (OpenAiBatches batches = run.open()) {
                    Thread.ofVirtual().start(() -> {
                        awaitABatch(run);
                        batches.stop();
                    });
                    run.run(batches);
                }
                run.simulator().faults().clear();

                // when
                run.settle();

                // then
                run.assertNothingIsLeftAtTheProvider();
                assertThat(run.batchesMade()).isEqualTo(1);
            }
        }
    }

    @Test
    void aFileOfGeminiThatIsGoneIsUploadedAgain() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(Profile.GEMINI), DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .onNext(
                            Endpoint.CREATE_BATCH,
                            new Fault.Answer(
                                    403,
                                    "You do not have permission to access the File f1 or it may not exist.",
                                    null,
                                    null));

            // when
            run.run();

            // then
            run.assertEmbedded(DOCUMENTS);
            run.assertTheMoneyIsWhatWasBilled();
            assertThat(run.batchesMade()).isEqualTo(1);
        }
    }

    @Test
    void whatABatchOfGeminiLostAsItExpiredIsDoneAgainAndCountsAsBilled() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(Profile.GEMINI), DOCUMENTS)) {
            // given
            run.simulator().faults().onNext(Endpoint.CREATE_BATCH, new BatchFault.Expires(0.4, 1));

            // when
            run.run();

            // then
            assertThat(run.database().number("SELECT count(DISTINCT id) FROM vectors"))
                    .isEqualTo(DOCUMENTS);
            assertThat(run.batchesMade()).isEqualTo(2);
            assertThat(run.spentUsd())
                    .isGreaterThanOrEqualTo(run.simulator().ledger().costUsd());
        }
    }

    @Test
    void aTextThatGeminiRefusesFailsItsDocumentAlone() {
        try (TestingBatchRun run = TestingBatchRun.of(QUICK.withProfile(Profile.GEMINI), DOCUMENTS)) {
            // given
            run.simulator()
                    .faults()
                    .always(Endpoint.EMBEDDINGS, new Fault.TextRefused("Sentence 2 of document 7 ", "too harmful"));

            // when
            run.run();

            // then
            run.assertEmbedded(DOCUMENTS - 1);
            assertThat(run.failedKeys()).containsExactly("7");
        }
    }

    private static void awaitABatch(TestingBatchRun run) {
        try {
            while (run.simulator().batches().isEmpty()) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void stopsAtTheStartWhereTheServerHasNoBatches() throws InterruptedException {
        try (OpenAiSimulator simulator = OpenAiSimulator.start(QUICK.withProfile(Profile.VLLM))) {
            OpenAiEmbedder spec = spec(OpenAiServer.VLLM, simulator.baseUri().toString(), null);
            try (OpenAiHttp http = OpenAiHttp.open(OpenAiEndpoint.withoutKey(spec), 1)) {
                assertThatThrownBy(() -> ServedBatches.check(http, BatchForm.of(spec)))
                        .isInstanceOf(SpecificationException.class)
                        .hasMessageContaining("/v1/batches answered 404")
                        .hasMessageContaining("the server has no batches there")
                        .hasMessageContaining("set spec.embedder.openai.mode to Realtime");
            }
        }
    }

    @Test
    void waitsForAServerThatFailsJustNow() throws InterruptedException {
        try (OpenAiSimulator simulator = OpenAiSimulator.start(QUICK)) {
            OpenAiEmbedder spec = spec(OpenAiServer.OpenAI, simulator.baseUri().toString(), null);
            simulator.faults().always(Endpoint.LIST_BATCHES, Fault.ServerError.overloaded());
            try (OpenAiHttp http =
                    OpenAiHttp.open(OpenAiEndpoint.of(spec, Map.of(EnvironmentVariable.OPENAI_API_KEY, "sk-1")), 1)) {
                assertThatCode(() -> ServedBatches.check(http, BatchForm.of(spec)))
                        .doesNotThrowAnyException();
            }
        }
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    private static OpenAiEmbedder spec(OpenAiServer server, String baseUrl, String batchDeployment) {
        return TestingOpenAi.model(TestingBatchRun.MODEL, TestingBatchRun.DIMENSIONS)
                .with("baseUrl", baseUrl)
                .with("server", server)
                .with("apiKey", new SecretValue(new SecretKeyReference("openai", "key")))
                .with("mode", OpenAiMode.Batch)
                .with("batchDeployment", batchDeployment)
                .embedder();
    }
}
