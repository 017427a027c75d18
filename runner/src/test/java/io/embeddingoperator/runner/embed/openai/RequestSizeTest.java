package io.embeddingoperator.runner.embed.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.http.OpenAiReply;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.embed.openai.server.VectorForm;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestSizeTest {
    private final RequestSize size =
            new RequestSize(new ServerPreset(64, 1_000, 10_000, 4, VectorForm.BASE64, false), Duration.ofSeconds(10));

    @Test
    void isAsGivenUntilTheServerShowsOtherwise() {
        assertThat(size.texts()).isEqualTo(64);
        assertThat(size.isTooLarge(load(64))).isFalse();
        assertThat(size.isTooLarge(load(65))).isTrue();
        assertThat(size.advice()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BatchEmbedContentsRequest.requests: at most 10 requests can be in one batch | 10",
                "Value error, batch size is invalid, it should not be larger than 10.: input.contents | 10",
                "batch size 64 > maximum allowed batch size 32 | 32",
                "The batch size limit is 12. Your batch size is 64. | 12",
                "total number of texts must be at most 48 - received 64 | 48",
                "Too many inputs in request, split into more batches. | 32",
                "batch size 64 is larger than 640 | 32"
            })
    void takesTheNumberOfTextsThatARefusalNamesAndElseHalfOfThem(String message, int texts) {
        size.refused(load(64), tooLarge(400, message));

        assertThat(size.texts()).isEqualTo(texts);
        assertThat(size.advice().orElseThrow()).contains("spec.embedder.openai.limits.maxRequestTexts to " + texts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | at most 20 inputs",
                "400 | input token count is 900 of 500",
                "413 | 413 Request Entity Too Large"
            })
    void requestsThatAreRefusedTogetherAreToldOnce(int status, String message) {
        RequestSize.Load load = new RequestSize.Load(64, 900, 8_000);

        assertThat(size.refused(load, tooLarge(status, message))).isTrue();
        assertThat(size.refused(load, tooLarge(status, message))).isFalse();
        assertThat(size.refused(load, tooLarge(status, message))).isFalse();
    }

    @Test
    void aRefusalForTokensOrBytesSaysNothingOfTexts() {
        size.refused(new RequestSize.Load(2, 900, 5_000), tooLarge(400, "input token count is 900 of 500"));
        size.refused(new RequestSize.Load(2, 300, 5_000), tooLarge(413, "413 Request Entity Too Large"));

        assertThat(size.texts()).isEqualTo(64);
        assertThat(size.tokens()).isEqualTo(450);
        assertThat(size.isTooLarge(new RequestSize.Load(2, 300, 2_501))).isTrue();
        assertThat(size.advice().orElseThrow())
                .contains("limits.maxRequestTokens to 450")
                .contains("limits.maxRequestBytes to 2500");
    }

    @Test
    void aServerOfFourSecondsATextIsSentFewTextsAfterTwoTimeOuts() {
        size.unanswered(load(64), Duration.ofSeconds(120));
        size.unanswered(load(64), Duration.ofSeconds(120));
        assertThat(size.texts())
                .as("all four requests that were under way tell the same")
                .isEqualTo(16);

        size.answered(load(16), Duration.ofSeconds(64));
        size.unanswered(load(16), Duration.ofSeconds(120));
        size.answered(load(4), Duration.ofSeconds(16));

        assertThat(size.texts())
                .as("twice the texts would be near the time-out again")
                .isEqualTo(4);
        assertThat(size.advice()).isPresent();
    }

    @Test
    void requestsGrowAgainAfterAnAccident() {
        size.unanswered(load(64), Duration.ofSeconds(120));

        size.answered(load(16), Duration.ofSeconds(1));
        size.answered(load(32), Duration.ofSeconds(2));
        size.answered(load(64), Duration.ofSeconds(4));

        assertThat(size.texts()).isEqualTo(64);
        assertThat(size.advice()).isEmpty();
    }

    @Test
    void requestsDoNotGrowBeyondWhatWasRefused() {
        size.refused(load(64), tooLarge(400, "at most 20 inputs"));
        size.unanswered(load(20), Duration.ofSeconds(120));

        size.answered(load(5), Duration.ofSeconds(1));
        size.answered(load(10), Duration.ofSeconds(1));
        size.answered(load(20), Duration.ofSeconds(1));

        assertThat(size.texts()).isEqualTo(20);
    }

    @Test
    void whatFailsSoonIsNoTimeOutAndASingleTextCannotBeDivided() {
        assertThat(size.unanswered(load(64), Duration.ofSeconds(9))).isFalse();
        assertThat(size.unanswered(load(1), Duration.ofSeconds(120))).isFalse();
        assertThat(size.texts()).isEqualTo(64);
    }

    private static RequestSize.Load load(int texts) {
        return new RequestSize.Load(texts, texts, texts);
    }

    private static OpenAiFailure.TooLarge tooLarge(int status, String message) {
        byte[] body = "{\"error\":{\"message\":\"%s\"}}".formatted(message).getBytes(UTF_8);
        return new OpenAiFailure.TooLarge(new OpenAiReply(status, Map.of(), body), message);
    }
}
