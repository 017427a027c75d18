package io.embeddingoperator.openai.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.Admission.Admitted;
import io.embeddingoperator.openai.simulator.limit.Admission.RateLimited;
import io.embeddingoperator.openai.simulator.limit.Admission.RequestTooLarge;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private static final Instant START = Instant.parse("2026-11-26T06:00:00Z");

    private static RateLimiter limiter(ModelLimits limits) {
        return new RateLimiter("org-1", "text-embedding-3-small", limits, START);
    }

    @Test
    void theRecordedRefusalIsRepeatedToTheLetter() {
        // given an account that has used 974,150 of its 1,000,000 tokens
        RateLimiter limiter = limiter(ModelLimits.perMinute(3000, 1_000_000));
        limiter.admit(START, 974_150);

        // when
        Admission admission = limiter.admit(START, 34_558);

        // then
        assertThat(admission).isInstanceOfSatisfying(RateLimited.class, refused -> {
            assertThat(refused.message())
                    .isEqualTo(
                            "Rate limit reached for text-embedding-3-small in organization org-1 on tokens per min (TPM):"
                                    + " Limit 1000000, Used 974150, Requested 34558. Please try again in 522ms. Visit"
                                    + " https://platform.openai.com/account/rate-limits to learn more.");
            assertThat(refused.type()).isEqualTo("tokens");
            assertThat(refused.code()).isEqualTo("rate_limit_exceeded");
            assertThat(refused.retryAfterSeconds()).isEqualTo(1);
            assertThat(refused.quota().tokens().remaining()).isEqualTo(25_850);
        });
    }

    @Test
    void headersTellWhenTheBucketIsFullAndTheRequestsOfAMinuteComeBackEvery6Milliseconds() {
        // given
        RateLimiter limiter = limiter(ModelLimits.perMinute(10_000, 10_000_000));

        // when
        Admission admission = limiter.admit(START, 1_000);

        // then
        assertThat(admission.quota().headers(HeaderForm.OPENAI))
                .containsEntry("x-ratelimit-limit-requests", "10000")
                .containsEntry("x-ratelimit-remaining-requests", "9999")
                .containsEntry("x-ratelimit-reset-requests", "6ms")
                .containsEntry("x-ratelimit-limit-tokens", "10000000")
                .containsEntry("x-ratelimit-remaining-tokens", "9999000")
                .containsEntry("x-ratelimit-reset-tokens", "6ms")
                .hasSize(6);
    }

    @Test
    void theRequestsOfADayComeBackEvery8Point64Seconds() {
        // given
        RateLimiter limiter = limiter(ModelLimits.perMinute(1, 1_000_000).withRequests(Limit.perDay(10_000)));

        // when
        Admission first = limiter.admit(START, 68_266);
        for (int request = 2; request <= 10_000; request++) {
            assertThat(limiter.admit(START, 1)).isInstanceOf(Admitted.class);
        }

        // then
        assertThat(first.quota().headers(HeaderForm.OPENAI))
                .containsEntry("x-ratelimit-reset-requests", "8.64s")
                .containsEntry("x-ratelimit-reset-tokens", "4.095s");
        assertThat(limiter.admit(START, 1))
                .isInstanceOfSatisfying(
                        RateLimited.class,
                        refused -> assertThat(refused.message())
                                .contains(
                                        "on requests per day (RPD): Limit 10000, Used 10000, Requested 1. Please try again in 8.64s."));
    }

    @Test
    void aFullBucketIsResetIn0Seconds() {
        RateLimiter limiter = limiter(ModelLimits.perMinute(60, 1_000_000));

        assertThat(limiter.quota(START).headers(HeaderForm.OPENAI))
                .containsEntry("x-ratelimit-reset-requests", "0s")
                .containsEntry("x-ratelimit-reset-tokens", "0s");
    }

    @Test
    void sixtyRequestsAMinuteComeBackEverySecond() {
        RateLimiter limiter = limiter(ModelLimits.perMinute(60, 1_000_000));

        assertThat(limiter.admit(START, 1).quota().headers(HeaderForm.OPENAI))
                .containsEntry("x-ratelimit-reset-requests", "1s");
    }

    @Test
    void aRefusalChargesNeitherBucket() {
        // given tokens suffice and requests do not
        RateLimiter limiter = limiter(ModelLimits.perMinute(1, 1_000));
        limiter.admit(START, 100);

        // when
        Admission refused = limiter.admit(START, 100);

        // then
        assertThat(refused)
                .isInstanceOfSatisfying(
                        RateLimited.class, limited -> assertThat(limited.type()).isEqualTo("requests"));
        assertThat(refused.quota().tokens().remaining()).isEqualTo(900);
        assertThat(refused.quota().requests().remaining()).isZero();
    }

    @Test
    void refillIsContinuous() {
        // given an empty bucket of 60,000 tokens a minute, which is one in a millisecond
        RateLimiter limiter = limiter(ModelLimits.perMinute(100, 60_000));
        limiter.admit(START, 60_000);

        // then
        assertThat(limiter.admit(START.plusMillis(9), 10)).isInstanceOf(RateLimited.class);
        assertThat(limiter.admit(START.plusMillis(10), 10)).isInstanceOf(Admitted.class);
        assertThat(limiter.admit(START.plusMillis(10), 1)).isInstanceOf(RateLimited.class);
        assertThat(limiter.quota(START.plusSeconds(3600)).tokens().remaining()).isEqualTo(60_000);
    }

    @Test
    void aRequestLargerThanTheWholeLimitNeverClears() {
        RateLimiter limiter = limiter(ModelLimits.perMinute(100, 150_000));

        assertThat(limiter.admit(START, 150_001)).isInstanceOfSatisfying(RequestTooLarge.class, refused -> {
            assertThat(refused.message())
                    .startsWith(
                            "Request too large for text-embedding-3-small in organization org-1 on tokens per min (TPM):"
                                    + " Limit 150000, Requested 150001.");
            assertThat(refused.type()).isEqualTo("tokens");
        });
        assertThat(limiter.admit(START, 150_000)).isInstanceOf(Admitted.class);
    }

    @Test
    void limitsChangeInMidFlightAndAnEmptyBucketStaysEmpty() {
        // given
        RateLimiter limiter = limiter(ModelLimits.perMinute(1_000, 600_000));
        limiter.admit(START, 590_000);

        // when halved, then
        limiter.change(START, limiter.limits().times(0.5));
        assertThat(limiter.quota(START).tokens())
                .isEqualTo(new Quota.Standing(300_000, 10_000, Duration.ofSeconds(58)));
        assertThat(limiter.quota(START.plusSeconds(1)).tokens().remaining()).isEqualTo(15_000);

        // when doubled, then
        limiter.change(START.plusSeconds(1), limiter.limits().times(2));
        assertThat(limiter.quota(START.plusSeconds(2)).tokens().remaining()).isEqualTo(25_000);
        assertThat(limiter.quota(START.plusSeconds(2)).tokens().limit()).isEqualTo(600_000);
    }

    @Test
    void aFullBucketHasOnlyWhatTheHalvedLimitAllows() {
        RateLimiter limiter = limiter(ModelLimits.perMinute(1_000, 600_000));

        limiter.change(START, limiter.limits().times(0.5));

        assertThat(limiter.quota(START).tokens().remaining()).isEqualTo(300_000);
    }

    @Test
    void sixtyAMinuteMayBeEnforcedAs1ASecond() {
        // given
        Limit enforced = Limit.perMinute(60).enforcedOver(Duration.ofSeconds(1));
        RateLimiter limiter = limiter(ModelLimits.perMinute(60, 1_000_000).withRequests(enforced));

        // when
        Admission first = limiter.admit(START, 1);
        Admission second = limiter.admit(START.plusMillis(500), 1);
        Admission third = limiter.admit(START.plusMillis(1000), 1);

        // then it is refused although the headers promise 59
        assertThat(first.quota().requests().remaining()).isEqualTo(59);
        assertThat(second)
                .isInstanceOfSatisfying(
                        RateLimited.class,
                        refused -> assertThat(refused.tryAgainIn()).isEqualTo(Duration.ofMillis(500)));
        assertThat(third).isInstanceOf(Admitted.class);
    }

    @Test
    void azureLooksAtTenSecondsAndTellsWholeSeconds() {
        // given 600 a minute, which is 100 in 10 seconds
        Limit enforced = Limit.perMinute(600).enforcedOver(Duration.ofSeconds(10));
        RateLimiter limiter = limiter(ModelLimits.perMinute(600, 60_000).withRequests(enforced));

        // when
        for (int request = 0; request < 100; request++) {
            assertThat(limiter.admit(START, 10)).isInstanceOf(Admitted.class);
        }

        // then
        Admission refused = limiter.admit(START, 10);
        assertThat(refused).isInstanceOf(RateLimited.class);
        assertThat(refused.quota().headers(HeaderForm.AZURE))
                .containsEntry("x-ratelimit-remaining-requests", "500")
                .containsEntry("x-ratelimit-reset-requests", "10")
                .containsEntry("x-ratelimit-reset-tokens", "1");
        assertThat(refused.quota().headers(HeaderForm.NONE)).isEmpty();
    }

    @Test
    void aRequestLargerThanAShortPeriodsTokensPassesAndIsOwed() {
        // given 60,000 a minute, enforced as 1,000 a second
        Limit enforced = Limit.perMinute(60_000).enforcedOver(Duration.ofSeconds(1));
        RateLimiter limiter = limiter(ModelLimits.perMinute(600, 60_000).withTokens(enforced));

        // when
        Admission large = limiter.admit(START, 3_000);

        // then the next 1,000 come when 3,000 have been refilled
        assertThat(large).isInstanceOf(Admitted.class);
        assertThat(limiter.admit(START.plusMillis(2_999), 1_000)).isInstanceOf(RateLimited.class);
        assertThat(limiter.admit(START.plusMillis(3_000), 1_000)).isInstanceOf(Admitted.class);
    }

    @Test
    void aProjectHasOnlyItsPart() {
        // given
        RateLimiter limiter = limiter(ModelLimits.perMinute(600, 60_000).withProjectTokens(Limit.perMinute(6_000)));

        // when
        Admission first = limiter.admit(START, "proj_a", 6_000);

        // then
        assertThat(first.quota().headers(HeaderForm.OPENAI))
                .containsEntry("x-ratelimit-limit-project-tokens", "6000")
                .containsEntry("x-ratelimit-remaining-project-tokens", "0")
                .containsEntry("x-ratelimit-reset-project-tokens", "1m0s");
        assertThat(limiter.admit(START, "proj_a", 1))
                .isInstanceOfSatisfying(
                        RateLimited.class,
                        refused -> assertThat(refused.message()).contains("project proj_a"));
        assertThat(limiter.admit(START, "proj_b", 6_000)).isInstanceOf(Admitted.class);
        assertThat(limiter.limits().projectTokens()).isEqualTo(Optional.of(Limit.perMinute(6_000)));
    }
}
