package io.embeddingoperator.openai.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.Admission.Admitted;
import io.embeddingoperator.openai.simulator.limit.Admission.RateLimited;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for any traffic. */
class RateLimiterPropertyTest {
    private static final Instant START = Instant.parse("2026-11-26T06:00:00Z");
    private static final int REQUESTS = 20_000;
    private static final Pattern GO_DURATION = Pattern.compile("(\\d+h)?(\\d+m)?(\\d+(\\.\\d+)?s)?|\\d+ms");

    private record Passed(Instant at, long tokens) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noMinuteEverPassesMoreThanTheBucketAndItsRefill(long seed) {
        // given
        SplittableRandom random = new SplittableRandom(seed);
        long tokensPerMinute = random.nextLong(10_000, 10_000_000);
        long requestsPerMinute = random.nextLong(10, 10_000);
        RateLimiter limiter =
                new RateLimiter("org-1", "m", ModelLimits.perMinute(requestsPerMinute, tokensPerMinute), START);
        List<Passed> passed = new ArrayList<>();
        Instant now = START;

        // when
        for (int request = 0; request < REQUESTS; request++) {
            now = now.plusNanos(random.nextLong(100_000_000));
            long tokens = random.nextLong(1, tokensPerMinute / 5);
            if (limiter.admit(now, tokens) instanceof Admitted) {
                passed.add(new Passed(now, tokens));
            }
        }

        // then from any request on, for as long as one likes
        assertThat(passed).isNotEmpty();
        for (int from = 0; from < passed.size(); from += 97) {
            long tokens = 0;
            for (int to = from; to < Math.min(passed.size(), from + 500); to++) {
                tokens += passed.get(to).tokens();
                double minutes =
                        Duration.between(passed.get(from).at(), passed.get(to).at())
                                        .toNanos()
                                / 60e9;
                assertThat((double) tokens).isLessThanOrEqualTo(tokensPerMinute * (1 + minutes) + 1);
                assertThat((double) (to - from + 1)).isLessThanOrEqualTo(requestsPerMinute * (1 + minutes) + 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whoWaitsAsToldAndAMillisecondMoreIsAdmitted(long seed) {
        // given
        SplittableRandom random = new SplittableRandom(seed);
        long tokensPerMinute = random.nextLong(10_000, 10_000_000);
        Limit requests = Limit.perMinute(random.nextLong(60, 10_000));
        if (random.nextBoolean()) {
            requests = requests.enforcedOver(Duration.ofSeconds(random.nextBoolean() ? 1 : 10));
        }
        RateLimiter limiter = new RateLimiter(
                "org-1", "m", ModelLimits.perMinute(1, tokensPerMinute).withRequests(requests), START);
        Instant now = START;
        int refusals = 0;

        // when, then
        for (int request = 0; request < REQUESTS; request++) {
            now = now.plusNanos(random.nextLong(1_000_000));
            long tokens = random.nextLong(1, tokensPerMinute / 3);
            while (limiter.admit(now, tokens) instanceof RateLimited refused) {
                refusals++;
                now = now.plus(refused.tryAgainIn()).plusMillis(1);
                // The other bucket may be the one that lacks now, and no third.
                if (limiter.admit(now, tokens) instanceof RateLimited again) {
                    now = now.plus(again.tryAgainIn()).plusMillis(1);
                    assertThat(limiter.admit(now, tokens)).isInstanceOf(Admitted.class);
                }
                break;
            }
        }
        assertThat(refusals).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void headersAreAlwaysOfTheGrammarAndWithinTheLimit(long seed) {
        // given
        SplittableRandom random = new SplittableRandom(seed);
        RateLimiter limiter = new RateLimiter(
                "org-1", "m", ModelLimits.perMinute(1, 150_000).withRequests(Limit.perDay(2_000)), START);
        Instant now = START;

        for (int request = 0; request < REQUESTS; request++) {
            // when
            now = now.plusNanos(random.nextLong(60_000_000_000L));
            Quota quota = limiter.admit(now, random.nextLong(1, 50_000)).quota();

            // then
            assertThat(quota.headers(HeaderForm.OPENAI).get("x-ratelimit-reset-requests"))
                    .matches(GO_DURATION);
            assertThat(quota.headers(HeaderForm.OPENAI).get("x-ratelimit-reset-tokens"))
                    .matches(GO_DURATION);
            assertThat(quota.headers(HeaderForm.AZURE).get("x-ratelimit-reset-tokens"))
                    .matches("\\d+");
            assertThat(quota.tokens().remaining()).isBetween(0L, 150_000L);
            assertThat(quota.requests().remaining()).isBetween(0L, 2_000L);
            assertThat(quota.tokens().reset()).isLessThanOrEqualTo(Duration.ofMinutes(1));
        }
    }
}
