package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.runner.embed.openai.batch.BatchForm;
import io.embeddingoperator.runner.embed.openai.batch.MistralForm;
import io.embeddingoperator.runner.embed.openai.batch.OpenAiForm;
import io.embeddingoperator.runner.embed.openai.batch.ProviderBatch;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchOutcomeTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(BatchOutcome.GRACE).minusSeconds(1);

    @ParameterizedTest
    @ValueSource(strings = {"validating", "in_progress", "finalizing", "cancelling", "a_word_of_next_year", ""})
    void waitsForWhatIsNotKnownToBeOver(String status) {
        assertThat(verdict("{\"status\":\"%s\"}".formatted(status))).isEqualTo(new BatchOutcome.Wait());
    }

    @ParameterizedTest
    @ValueSource(strings = {"completed", "expired", "cancelled"})
    void takesWhatABatchHasDoneWhoeverEndedIt(String status) {
        assertThat(verdict("{\"status\":\"%s\"}".formatted(status))).isEqualTo(new BatchOutcome.Over());
    }

    @Test
    void givesUpWhereTheQueueTakesNoTokenAtAll() {
        assertThat(verdict("""
                        {"status":"failed","errors":{"data":[{"code":"token_limit_exceeded","message":"Enqueued token limit reached. Limit: 0 enqueued tokens."}]}}
                        """))
                .isInstanceOfSatisfying(
                        BatchOutcome.Hopeless.class,
                        hopeless -> assertThat(hopeless.sentence())
                                .contains("Limit: 0 enqueued tokens", "spec.embedder.openai.mode Realtime"));
    }

    @Test
    void givesUpWhereTheAccountCannotPay() {
        assertThat(verdict("""
                        {"status":"failed","errors":{"data":[{"code":"billing_hard_limit_reached","message":"The hard limit is reached."}]}}
                        """))
                .isInstanceOfSatisfying(
                        BatchOutcome.Hopeless.class,
                        hopeless -> assertThat(hopeless.sentence())
                                .contains("The hard limit is reached.", "the account has nothing to pay with"));
    }

    @Test
    void tellsAStuckBatchToStopAndLaterGivesItUp() {
        // given
        ProviderBatch late =
                batch("{\"status\":\"finalizing\",\"expires_at\":%d}".formatted(LONG_AGO.getEpochSecond()));
        ProviderBatch withoutTime = batch("{\"status\":\"in_progress\"}");

        // when, then
        assertThat(BatchOutcome.of(late, Optional.empty(), Optional.empty(), NOW))
                .isEqualTo(new BatchOutcome.Stuck("it is still \"finalizing\" 2 h after it should have expired"));
        assertThat(BatchOutcome.of(withoutTime, Optional.of(LONG_AGO), Optional.empty(), NOW))
                .isInstanceOf(BatchOutcome.Stuck.class);
        assertThat(BatchOutcome.of(late, Optional.empty(), Optional.empty(), NOW.minus(Duration.ofMinutes(1))))
                .isEqualTo(new BatchOutcome.Wait());
        assertThat(BatchOutcome.of(late, Optional.empty(), Optional.of(NOW.minusSeconds(60)), NOW))
                .isEqualTo(new BatchOutcome.Wait());
        assertThat(BatchOutcome.of(late, Optional.empty(), Optional.of(LONG_AGO), NOW))
                .isEqualTo(new BatchOutcome.WrittenOff("it is still \"finalizing\" 2 h after it was cancelled"));
    }

    @Test
    void handsABatchInAgainThatFoundTheQueueFull() {
        String message =
                "Enqueued token limit reached for text-embedding-3-small in organization org-1. Limit: 3,000,000"
                        + " enqueued tokens. Please try again once some in_progress batches have been completed.";

        assertThat(failed("token_limit_exceeded", message))
                .isEqualTo(new BatchOutcome.QueueFull(OptionalLong.of(3_000_000), message));
        assertThat(failed("something_new", "Enqueued request limit reached for m in organization o. Limit: 1000000."))
                .isEqualTo(new BatchOutcome.QueueFull(
                        OptionalLong.empty(),
                        "Enqueued request limit reached for m in organization o. Limit: 1000000."));
    }

    @ParameterizedTest
    @CsvSource({
        "invalid_json_line",
        "missing_required_parameter",
        "invalid_url",
        "duplicate_custom_id",
        "mismatched_model",
        "empty_file"
    })
    void tellsARefusedFileFromOneThatIsGone(String code) {
        assertThat(failed(code, "line 3 is wrong")).isEqualTo(new BatchOutcome.Refused(code + ": line 3 is wrong"));
        assertThat(failed("invalid_request", "The input file file-1 was not found."))
                .isEqualTo(new BatchOutcome.FileGone("invalid_request: The input file file-1 was not found."));
        assertThat(verdict("{\"status\":\"failed\"}"))
                .isEqualTo(new BatchOutcome.Refused("the provider gives no reason"));
    }

    @Test
    void endsAJobWhoseModelHasNoBatches() {
        assertThat(failed("model_not_found", "The model m does not exist"))
                .isInstanceOfSatisfying(
                        BatchOutcome.Hopeless.class,
                        hopeless -> assertThat(hopeless.sentence())
                                .contains("spec.embedder.openai.model")
                                .contains("The model m does not exist"));
    }

    @Test
    void takesTheResultsOfAFailedBatchThatHasSome() {
        assertThat(verdict("{\"status\":\"failed\",\"output_file_id\":\"file-1\"}"))
                .isEqualTo(new BatchOutcome.Over());
    }

    @Test
    void tellsEmptyFilesOfAFailedBatchFromResults() {
        // given, as Azure OpenAI writes it
        String failed = """
                {"status":"failed","output_file_id":"file-1","error_file_id":"file-2","request_counts":{"total":10,"completed":%s},
                 "errors":{"data":[{"code":"token_limit_exceeded","message":"Enqueued token limit reached."}]}}
                """;

        // when, then
        assertThat(verdict(failed.formatted("null"))).isInstanceOf(BatchOutcome.QueueFull.class);
        assertThat(verdict(failed.formatted("3"))).isEqualTo(new BatchOutcome.Over());
    }

    @Test
    void readsTheWordsAndTimesOfAzureOpenAi() {
        ProviderBatch batch = batch("""
                {"status":"Validating","created_at":"2024-07-19T17:13:57.2491382+00:00","metadata":null,
                 "request_counts":{"total":null,"completed":null,"failed":null}}
                """);

        assertThat(batch.status()).isEqualTo(ProviderBatch.Status.VALIDATING);
        assertThat(batch.createdAt()).contains(Instant.parse("2024-07-19T17:13:57.2491382Z"));
    }

    @Test
    void readsTheWordsOfMistral() {
        // given
        BatchForm mistral = new MistralForm("mistral-embed");

        // when
        ProviderBatch late = mistral.batch(json("""
                {"id":"j","input_files":["file-1"],"status":"TIMEOUT_EXCEEDED","output_file":"file-2","error_file":null,
                 "errors":[{"message":"too late","count":3}],"succeeded_requests":7,"created_at":1700000000,"metadata":{"a":"b"}}
                """));

        // then
        assertThat(late.status()).isEqualTo(ProviderBatch.Status.EXPIRED);
        assertThat(late.inputFileId()).contains("file-1");
        assertThat(late.outputFileId()).contains("file-2");
        assertThat(late.errorFileId()).isEmpty();
        assertThat(late.problemSentence()).isEqualTo("too late");
        assertThat(late.metadata()).containsEntry("a", "b");
        assertThat(mistral.batch(json("{\"status\":\"CANCELLATION_REQUESTED\"}"))
                        .status())
                .isEqualTo(ProviderBatch.Status.CANCELLING);
    }

    @Test
    void waitsForABatchThatGoesOnAfterItsTime() {
        ProviderBatch late = new OpenAiForm(OpenAiServer.AzureOpenAI, "m", "/embeddings")
                .batch(json("{\"status\":\"in_progress\",\"expires_at\":%d}".formatted(LONG_AGO.getEpochSecond())));

        assertThat(BatchOutcome.of(late, Optional.empty(), Optional.empty(), NOW))
                .isEqualTo(new BatchOutcome.Wait());
    }

    @Test
    void takesAnEmptyFileIdForNone() {
        ProviderBatch batch = batch("{\"status\":\"completed\",\"output_file_id\":null,\"error_file_id\":\"\"}");

        assertThat(batch.outputFileId()).isEmpty();
        assertThat(batch.errorFileId()).isEmpty();
        assertThat(batch.billedTokens()).isEmpty();
    }

    @Test
    void billsAllOfABatchWhoseWorkIsLostUnlessTheProviderSaysWhatItBills() {
        assertThat(batch("{\"request_counts\":{\"completed\":3}}").billedOf(70)).hasValue(70);
        assertThat(batch("{\"request_counts\":{\"completed\":3},\"usage\":{\"total_tokens\":60}}")
                        .billedOf(70))
                .hasValue(60);
        assertThat(batch("{\"request_counts\":{\"completed\":3},\"output_file_id\":\"file-1\"}")
                        .billedOf(70))
                .isEmpty();
        assertThat(batch("{\"request_counts\":{\"failed\":3}}").billedOf(70)).isEmpty();
    }

    private static BatchOutcome failed(String code, String message) {
        return verdict(
                "{\"status\":\"failed\",\"errors\":{\"object\":\"list\",\"data\":[{\"code\":\"%s\",\"message\":\"%s\"}]}}"
                        .formatted(code, message));
    }

    private static BatchOutcome verdict(String json) {
        return BatchOutcome.of(batch(json), Optional.of(NOW.plusSeconds(60)), Optional.empty(), NOW);
    }

    private static ProviderBatch batch(String json) {
        return ProviderBatch.of(json(json));
    }

    private static JsonNode json(String json) {
        try {
            return JsonMapper.builder().build().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
