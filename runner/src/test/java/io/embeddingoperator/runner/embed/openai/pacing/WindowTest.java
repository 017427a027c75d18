package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.Limit;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WindowTest {
    @ParameterizedTest
    @CsvSource({
        "10000, 9999, 8.64s, PT24H",
        "10000, 9999, 6ms, PT1M",
        "10000, 9999, 9, PT24H",
        "3, 2, 20s, PT1M",
        "200, 150, 6h0m0s, PT24H",
        "1000000, 974150, 1.551s, PT1M",
        "1000000, 999500, 1, PT1M",
        "3600, 3000, 10m0s, PT1H",
        "60, 30, 500ms, PT1S"
    })
    void followsFromHowLongTheBucketTakesToBeFull(long limit, long remaining, String reset, Duration window) {
        assertThat(Window.of(limit, remaining, ResetTime.parse(reset).orElseThrow()))
                .contains(window);
    }

    @ParameterizedTest
    @CsvSource({"1000, 1000, 0s", "1000, 999, 0s", "1000, 1000, 60s", "1000, 1200, 1s"})
    void isNotToldWhereNothingIsUsed(long limit, long remaining, String reset) {
        assertThat(Window.of(limit, remaining, ResetTime.parse(reset).orElseThrow()))
                .isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI", "AZURE"})
    void isAMinuteOrADayWhateverIsUsedOfALimit(HeaderForm form) {
        Instant start = Instant.EPOCH;
        RateLimiter limiter = new RateLimiter(
                "org", "model", ModelLimits.perMinute(1, 1_000_000).withRequests(Limit.perDay(10_000)), start);

        for (int request = 0; request < 900; request++) {
            Map<String, String> headers = limiter.admit(start.plusMillis(10 * request), 1 + request)
                    .quota()
                    .headers(form);
            RateLimitHeaders read = RateLimitHeaders.read(headers::get, start);

            read.quotas()
                    .forEach((dimension, quota) -> assertThat(Window.of(
                                    quota.limit().getAsLong(),
                                    quota.remaining().getAsLong(),
                                    quota.reset().orElseThrow()))
                            .as("%s", headers)
                            .matches(window -> window.isEmpty()
                                    || window.get()
                                            .equals(
                                                    dimension == Dimension.REQUESTS
                                                            ? Duration.ofDays(1)
                                                            : Duration.ofMinutes(1))));
        }
    }

    @Test
    void isAMinuteRatherThanAnythingElseThatFits() {
        assertThat(Window.of(1_000_000, 999_999, ResetTime.parse("1").orElseThrow()))
                .contains(Duration.ofMinutes(1));
    }
}
