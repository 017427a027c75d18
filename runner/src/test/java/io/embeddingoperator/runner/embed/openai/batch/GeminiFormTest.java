package io.embeddingoperator.runner.embed.openai.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiMode;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.runner.embed.openai.http.OpenAiEndpoint;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeminiFormTest {
    private static final String BATCH = "eb00000000000000000000";
    private final GeminiForm form = new GeminiForm("gemini-embedding-001", "v1beta");

    @ParameterizedTest
    @CsvSource({
        ", https://generativelanguage.googleapis.com, /v1beta/batches",
        "https://proxy.example/google/v1/openai/, https://proxy.example/google, /v1/batches",
        "https://proxy.example/elsewhere, https://proxy.example/elsewhere, /v1beta/batches"
    })
    void isBesideTheOpenAiForm(String baseUrl, String root, String path) {
        // given
        OpenAiEmbedder spec = TestingOpenAi.model("models/gemini-embedding-001", 1536)
                .with("server", OpenAiServer.Gemini)
                .with("baseUrl", baseUrl)
                .with("apiKey", new SecretValue(new SecretKeyReference("gemini", "key")))
                .with("mode", OpenAiMode.Batch)
                .embedder();

        // when
        BatchForm of = BatchForm.of(spec);

        // then
        assertThat(of.endpoint(spec, OpenAiEndpoint.withoutKey(spec))).hasToString(root);
        assertThat(of.path()).isEqualTo(path);
        assertThat(of.creation()).endsWith("/models/gemini-embedding-001:asyncBatchEmbedContent");
    }

    @Test
    void writesALineForEachTextOfADocument() throws IOException {
        // given
        BatchLines lines = form.lines(Map.of("dimensions", "256"), 9);
        ByteArrayOutputStream written = new ByteArrayOutputStream();

        // when
        lines.write(written, CustomId.of(BATCH, 7), List.of("one", "\"two\""));

        // then
        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"key\":\"%1$s-00007-0000\",\"request\":{\"outputDimensionality\":256,".formatted(BATCH)
                        + "\"content\":{\"parts\":[{\"text\":\"one\"}]}}}\n"
                        + "{\"key\":\"%1$s-00007-0001\",\"request\":{\"outputDimensionality\":256,".formatted(BATCH)
                        + "\"content\":{\"parts\":[{\"text\":\"\\\"two\\\"\"}]}}}\n");
        assertThat(lines.bytes(List.of("one", "\"two\""))).isEqualTo(written.size());
    }

    @Test
    void ordersABatchByANameThatLeadsBackToIt() throws IOException {
        Map<String, String> metadata =
                Map.of(ProviderBatch.BATCH, BATCH, ProviderBatch.ATTEMPT, "2", ProviderBatch.JOB, "default/a job");

        JsonNode order = form.order("abc-1", metadata);

        assertThat(order.toString())
                .isEqualTo("{\"batch\":{\"displayName\":\"%s 2 default/a job\",".formatted(BATCH)
                        + "\"inputConfig\":{\"fileName\":\"files/abc-1\"}}}");
        JsonNode told = json("{\"name\":\"batches/b1\",\"metadata\":%s}".formatted(order.path("batch")));
        assertThat(form.batch(told).metadata()).isEqualTo(metadata);
        assertThat(form.batch(told).inputFileId()).contains("abc-1");
        assertThat(form.batch(told).isAttempt(2)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "BATCH_STATE_PENDING, VALIDATING",
        "BATCH_STATE_RUNNING, IN_PROGRESS",
        "BATCH_STATE_SUCCEEDED, COMPLETED",
        "BATCH_STATE_FAILED, FAILED",
        "BATCH_STATE_CANCELLED, CANCELLED",
        "BATCH_STATE_EXPIRED, EXPIRED",
        "BATCH_STATE_OF_TOMORROW, UNKNOWN"
    })
    void knowsItsStates(String state, ProviderBatch.Status status) throws IOException {
        ProviderBatch batch =
                form.batch(json("{\"name\":\"batches/b1\",\"metadata\":{\"state\":\"%s\"}}".formatted(state)));

        assertThat(batch.status()).isEqualTo(status);
        assertThat(ProviderBatch.Status.of(batch.word())).isEqualTo(status);
    }

    @Test
    void readsWhatAnOperationHasBrought() throws IOException {
        ProviderBatch done = form.batch(json("""
                {"name":"batches/b1","done":true,"metadata":{"batchStats":{"successfulRequestCount":"7"}},
                 "response":{"responsesFile":"files/batch-b1"}}
                """));
        ProviderBatch failed = form.batch(json("""
                {"name":"batches/b2","done":true,"metadata":{},"error":{"code":3,"message":"line 4 is no JSON"}}
                """));

        assertThat(done.status()).isEqualTo(ProviderBatch.Status.COMPLETED);
        assertThat(done.outputFileId()).contains("batch-b1");
        assertThat(done.completed()).isEqualTo(7);
        assertThat(failed.status()).isEqualTo(ProviderBatch.Status.FAILED);
        assertThat(failed.problemSentence()).isEqualTo("3: line 4 is no JSON");
    }

    @Test
    void readsFilesAndPages() throws IOException {
        StoredFile uploaded = form.file(
                json(
                        "{\"file\":{\"name\":\"files/f1\",\"displayName\":\"a.jsonl\",\"sizeBytes\":\"12\",\"state\":\"ACTIVE\"}}"));
        JsonNode page =
                json("{\"files\":[{\"name\":\"files/f2\",\"state\":\"PROCESSING\"}],\"nextPageToken\":\"a b\"}");

        assertThat(uploaded).isEqualTo(new StoredFile("f1", "a.jsonl", OptionalLong.of(12), false));
        assertThat(form.file(form.items(page).get(0)).inPreparation()).isTrue();
        assertThat(form.hasMore(page, 0, 10)).isTrue();
        assertThat(form.page(1, 1_000, form.cursor(page))).isEqualTo("pageSize=100&pageToken=a+b");
        assertThat(form.hasMore(json("{}"), 1, 10)).isFalse();
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }
}
