package io.embeddingoperator.openai.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RampTest {
    private static final Instant START = Instant.parse("2026-11-26T06:00:00Z");
    private static final int MINUTE = 60;

    private final RateLimiter limiter = new RateLimiter(
            "org-1",
            "text-embedding-3-small",
            ModelLimits.perMinute(100_000, 10_000_000).withRamp(true),
            START);

    /** Sends a request every second from one second to another. */
    private int refusals(int from, int to, long tokensPerMinute) {
        int refusals = 0;
        for (int second = from; second < to; second++) {
            if (limiter.admit(START.plusSeconds(second), tokensPerMinute / MINUTE) instanceof Admission.SlowDown) {
                refusals++;
            }
        }
        return refusals;
    }

    @Test
    void trafficGrowsByHalfIn15Minutes() {
        assertThat(refusals(0, 15 * MINUTE, 1_440_000)).isZero();
        assertThat(refusals(15 * MINUTE, 32 * MINUTE, 2_100_000)).isZero();
        assertThat(refusals(32 * MINUTE, 50 * MINUTE, 3_100_000)).isZero();
    }

    @Test
    void aSteeperClimbIsToldToSlowDownThoughTheLimitIsFarAway() {
        // given
        assertThat(refusals(0, 5 * MINUTE, 1_200_000)).isZero();

        // when
        int refusals = refusals(5 * MINUTE, 6 * MINUTE, 6_000_000);

        // then
        assertThat(refusals).isPositive();
        assertThat(limiter.admit(START.plusSeconds(6 * MINUTE), 1_500_001))
                .isInstanceOfSatisfying(Admission.SlowDown.class, refused -> {
                    assertThat(refused.type()).isEqualTo("rate_limit_error");
                    assertThat(refused.code()).isEqualTo("slow_down");
                    assertThat(refused.quota().tokens().remaining()).isGreaterThan(1_500_001);
                });
    }

    @Test
    void afterARestTheClimbBeginsAnew() {
        // given
        refusals(0, 15 * MINUTE, 1_440_000);
        assertThat(refusals(16 * MINUTE, 17 * MINUTE, 2_100_000)).isZero();

        // when nothing is sent for an hour, then
        assertThat(refusals(77 * MINUTE, 78 * MINUTE, 2_100_000)).isPositive();
    }

    @Test
    void theRuleCanBeSwitchedOff() {
        limiter.change(START, limiter.limits().withRamp(false));

        assertThat(refusals(0, MINUTE, 9_000_000)).isZero();
    }
}
