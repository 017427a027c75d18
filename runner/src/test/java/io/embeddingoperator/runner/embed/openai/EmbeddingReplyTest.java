package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingReplyTest {
    private static final String REPLY =
            "{\"data\": [{\"index\": 0, \"embedding\": [0.5, 0.5]}], \"usage\": {\"total_tokens\": %s}}";

    @Test
    void tellsWhatTheProviderBilled() {
        assertThat(read("7").billedTokens()).hasValue(7);
        assertThat(read("0").billedTokens()).hasValue(0);
        assertThat(read("12.0").billedTokens()).hasValue(12);
        assertThat(read("1.2e1").billedTokens()).hasValue(12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "null", "\"7\"", "[7]"})
    void aBillBelowNothingIsNone(String tokens) {
        assertThat(read(tokens).billedTokens()).isEmpty();
        assertThat(read(tokens).flaw()).isEmpty();
    }

    private static EmbeddingReply read(String tokens) {
        return EmbeddingReply.read(REPLY.formatted(tokens).getBytes(StandardCharsets.UTF_8), 1, 2);
    }
}
