package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.Limit;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitHeadersTest {
    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    @Test
    void readsEveryDimensionThatAReplyNames() {
        RateLimiter limiter = new RateLimiter(
                "org",
                "model",
                ModelLimits.perMinute(3_000, 1_000_000).withProjectTokens(Limit.perMinute(400_000)),
                NOW);
        limiter.admit(NOW, "project", 1_000);
        Map<String, String> headers = limiter.admit(NOW, "project", 500).quota().headers(HeaderForm.OPENAI);

        RateLimitHeaders read = RateLimitHeaders.read(headers::get, NOW);

        assertThat(read.quotas()).containsOnlyKeys(Dimension.values());
        RateLimitHeaders.Quota tokens = read.quotas().get(Dimension.TOKENS);
        assertThat(tokens.limit()).hasValue(1_000_000);
        assertThat(tokens.remaining()).hasValue(998_500);
        assertThat(tokens.reset().orElseThrow().time()).isEqualTo(Duration.ofMillis(90));
        assertThat(read.quotas().get(Dimension.PROJECT_TOKENS).remaining()).hasValue(398_500);
        assertThat(read.retryAfter()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-250", "unlimited", "", "1e6", "99999999999999999999", "10 000"})
    void passesOverNumbersThatMakeNoSense(String remaining) {
        Map<String, String> headers =
                Map.of("x-ratelimit-limit-tokens", "1000", "x-ratelimit-remaining-tokens", remaining);

        RateLimitHeaders.Quota tokens =
                RateLimitHeaders.read(headers::get, NOW).quotas().get(Dimension.TOKENS);

        assertThat(tokens.limit()).hasValue(1_000);
        assertThat(tokens.remaining()).isEmpty();
        assertThat(tokens.reset()).isEmpty();
    }

    @Test
    void passesOverALimitOfNothing() {
        assertThat(RateLimitHeaders.read(Map.of("x-ratelimit-limit-tokens", "0")::get, NOW)
                        .quotas())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1, -, 1000",
                "56, -, 56000",
                "0.5, -, 500",
                "-, 522, 522",
                "-, 522.25, 522",
                "1, 522, 1000",
                "1, 30000, 30000",
                "soon, 522, 522",
                "'Thu, 26 Nov 2026 08:00:42 GMT', -, 42000",
                "'Thu, 26 Nov 2026 07:59:00 GMT', -, 0"
            })
    void takesTheLongerOfTheTimesThatAServerAsksFor(String seconds, String millis, long expected) {
        Map<String, String> headers = new HashMap<>();
        headers.put("retry-after", seconds);
        headers.put("retry-after-ms", millis);

        Duration wait = RateLimitHeaders.read(headers::get, NOW).retryAfter().orElseThrow();

        assertThat(wait.toMillis()).isEqualTo(expected);
    }

    @Test
    void measuresADateByTheServersOwnClock() {
        Map<String, String> headers = Map.of(
                "date", "Thu, 26 Nov 2026 09:30:00 GMT",
                "retry-after", "Thu, 26 Nov 2026 09:30:20 GMT");

        assertThat(RateLimitHeaders.read(headers::get, NOW).retryAfter()).contains(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5", "NaN", "1m", "999999999999", "Thu, 99 Nov 2026", "9e9"})
    void passesOverATimeThatMakesNoSense(String garbage) {
        assertThat(RateLimitHeaders.read(Map.of("retry-after", garbage, "retry-after-ms", garbage + "x")::get, NOW)
                        .retryAfter())
                .isEmpty();
    }

    @Test
    void neverFails() {
        Random random = new Random(3);

        for (int attempt = 0; attempt < 5_000; attempt++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            String garbage = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);

            assertThat(RateLimitHeaders.read(_ -> garbage, NOW)).isNotNull();
        }
    }
}
