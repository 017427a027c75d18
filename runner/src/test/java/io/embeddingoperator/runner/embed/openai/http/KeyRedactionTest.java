package io.embeddingoperator.runner.embed.openai.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRedactionTest {
    private static final String KEY = "q7Zx91LmPw4TbVn8RkDs";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Incorrect API key provided: q7Zx91LmPw4TbVn8RkDs.",
                "Incorrect API key: q7Zx91LmPw4T****n8RkDs",
                "Incorrect API key: q7Zx****RkDs",
                "key sDkR8nVbT4wPmL19xZ7q upper Q7ZX91LMPW4TBVN8RKDS",
                "header was Bearer\tq7Zx91LmPw 4TbVn8RkDs",
                "api-key=%71q7Zx91LmPw"
            })
    void noPartOfTheKeyIsQuoted(String words) {
        String redacted = new KeyRedaction(List.of(KEY)).apply(words);

        for (int i = 0; i + 4 <= KEY.length(); i++) {
            assertThat(redacted.toLowerCase())
                    .doesNotContain(KEY.substring(i, i + 4).toLowerCase());
        }
        assertThat(redacted).contains("***");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "ab"})
    void noEncodedKeyIsQuoted(String before) {
        String base64 = Base64.getEncoder().encodeToString((before + KEY).getBytes(StandardCharsets.UTF_8));
        String hex = HexFormat.of().formatHex(KEY.getBytes(StandardCharsets.UTF_8));
        String percent = HexFormat.of().withPrefix("%").withUpperCase().formatHex(KEY.getBytes(StandardCharsets.UTF_8));

        String redacted = new KeyRedaction(List.of(KEY)).apply(base64 + " " + hex + " " + percent);

        assertThat(redacted).hasSizeLessThan(25).contains("***");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Incorrect API key provided: ***",
                "request 71375a78 of 2026",
                "The model does not exist",
                "max 8191 tokens"
            })
    void otherWordsStay(String words) {
        assertThat(new KeyRedaction(List.of(KEY)).apply(words)).isEqualTo(words);
        assertThat(new KeyRedaction(List.of()).apply(words)).isEqualTo(words);
    }

    @Test
    void keyOfAnotherIsRedactedToo() {
        assertThat(new KeyRedaction(List.of()).apply("Incorrect API key provided: sk-ab***xy."))
                .isEqualTo("Incorrect API key provided: ***.");
    }
}
