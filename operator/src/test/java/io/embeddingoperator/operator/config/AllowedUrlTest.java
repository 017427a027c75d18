package io.embeddingoperator.operator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AllowedUrlTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
                    https://api.openai.com,      https://api.openai.com/v1
                    https://api.openai.com,      https://API.openai.com:443
                    https://api.openai.com/v1/,  https://api.openai.com/v1
                    http://tei.search.svc:80,    http://tei.search.svc/v1/
                    https://*.openai.azure.com,  https://example.openai.azure.com/openai/deployments/embeddings
                    http://[::1]:8080,           http://[::1]:8080/v1
                    *,                           http://anything?at=all
                    """)
    void allowsWhatLiesBelowIt(String allowed, String url) {
        assertThat(new AllowedUrl(allowed).allows(url)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    https://api.openai.com,      http://api.openai.com/v1
                    https://api.openai.com,      https://api.openai.com:8443/v1
                    https://api.openai.com,      https://api.openai.com@attacker.example/v1
                    https://api.openai.com,      https://api.openai.com.attacker.example/v1
                    https://api.openai.com,      https://api.openai.com\\@attacker.example/
                    https://api.openai.com,      https://api.openai.com?@attacker.example/
                    https://api.openai.com,      https://api.openai.com#@attacker.example/
                    https://api.openai.com,      https://attacker.example/https://api.openai.com
                    https://api.openai.com,      https:///api.openai.com
                    https://api.openai.com/v1,   https://api.openai.com/v10
                    https://api.openai.com/v1,   https://api.openai.com/v1/../admin
                    https://api.openai.com/v1,   https://api.openai.com/v1/%2e%2e/admin
                    https://*.openai.azure.com,  https://openai.azure.com/v1
                    https://*.openai.azure.com,  https://attackeropenai.azure.com/v1
                    https://*.openai.azure.com,  https://attacker.example/x.openai.azure.com
                    """)
    void allowsNothingThatLooksLikeIt(String allowed, String url) {
        assertThat(new AllowedUrl(allowed).allows(url)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "https://", "https://*", "https://a.*.b", "ftp://a", "https://u@a", "https://a/../b", "a.b"})
    void isNothingElse(String text) {
        assertThatThrownBy(() -> new AllowedUrl(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
