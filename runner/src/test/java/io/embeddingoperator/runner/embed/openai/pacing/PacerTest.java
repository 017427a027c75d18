package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.Limit;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacerTest {
    private static final Optional<String> NONE = Optional.empty();
    private static final ModelLimits LIMITS = ModelLimits.perMinute(3_000, 1_000_000);

    private final Pacer pacer = new Pacer(Hints.NONE, new Random(1));
    private long now = 5_000;

    @Test
    void beginsWithOneSmallRequestWhileNothingIsKnown() {
        assertThat(pacer.preferredRequestTokens(now)).isBetween(1L, 2_000L);
        assertThat(pacer.nanosUntil(now, 1_000)).isZero();

        pacer.send(now, 1_000);

        assertThat(pacer.nanosUntil(now, 1_000)).isPositive();
    }

    @Test
    void usesTheLimitAndIsNeverRefused() {
        Sent sent = sendFor(Duration.ofMinutes(5), new TestingAccount(LIMITS, HeaderForm.OPENAI));

        assertThat(sent.refused()).isZero();
        assertThat(sent.tokens()).isBetween(4_850_000L, 6_000_000L);
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000, 250_000, 1_000_000, 10_000_000})
    void asksForRequestsThatAreSmallBesideTheLimitAndFewBesideTheOther(long tokensPerMinute) {
        TestingAccount account = new TestingAccount(ModelLimits.perMinute(1_000, tokensPerMinute), HeaderForm.OPENAI);
        sendFor(Duration.ofMinutes(2), account);

        long preferred = pacer.preferredRequestTokens(account.nanoTime());

        assertThat(preferred).isBetween(tokensPerMinute / 1_000, tokensPerMinute / 4);
        assertThat(pacer.mostRequestTokens()).isEqualTo(tokensPerMinute);
    }

    @ParameterizedTest
    @CsvSource({"1", "30", "56", "300"})
    void leavesTheServerAloneForAllTheTimeThatItAsksFor(int seconds) {
        pacer.answered(now, pacer.send(now, 100), refusal(Map.of("retry-after", "" + seconds), "rate_limit_exceeded"));
        long asked = now + Duration.ofSeconds(seconds).toNanos();

        assertThat(pacer.nanosUntil(asked - 1, 1)).isPositive();
        assertThat(pacer.nanosUntil(asked + Duration.ofSeconds(1 + seconds / 9).toNanos(), 1))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 424, 500, 502, 503, 504, 524})
    void leavesAServerThatFailsAloneForAsLongAsItAsks(int status) {
        Reply failure = new Reply(status, RateLimitHeaders.read(Map.of("retry-after", "30")::get, Instant.EPOCH), NONE);
        pacer.answered(now, pacer.send(now, 100), failure);
        long asked = now + Duration.ofSeconds(30).toNanos();

        assertThat(pacer.nanosUntil(asked - 1, 1)).isPositive();
        assertThat(pacer.nanosUntil(asked + Duration.ofSeconds(4).toNanos(), 1)).isZero();
    }

    @Test
    void doesNotPauseForAServerThatFailsAndAsksForNothing() {
        pacer.answered(now, pacer.send(now, 100), new Reply(500, RateLimitHeaders.NONE, NONE));

        assertThat(pacer.nanosUntil(now, 1)).isZero();
    }

    @Test
    void triesASingleRequestAfterAPauseAndGoesOnWhenThatIsGood() {
        List<Pacer.Ticket> tickets = send(pacerThatKnowsItsLimits(), 3);
        pacer.answered(now, tickets.get(0), refusal(Map.of("retry-after", "2"), "rate_limit_exceeded"));
        now += Duration.ofSeconds(20).toNanos();

        Pacer.Ticket probe = pacer.send(now, 1);
        now += Duration.ofSeconds(20).toNanos();

        assertThat(pacer.nanosUntil(now, 1)).isPositive();
        pacer.answered(now, probe, Reply.ok(headers(900_000)));
        assertThat(pacer.nanosUntil(now, 1)).isZero();
    }

    @Test
    void pausesAgainWhenTheSingleRequestIsRefusedToo() {
        pacer.answered(now, pacer.send(now, 1), refusal(Map.of("retry-after", "2"), "rate_limit_exceeded"));
        now += Duration.ofSeconds(4).toNanos();

        pacer.answered(now, pacer.send(now, 1), refusal(Map.of("retry-after", "40"), "rate_limit_exceeded"));

        assertThat(pacer.pause(now).orElseThrow().left()).isBetween(Duration.ofSeconds(40), Duration.ofSeconds(45));
        assertThat(pacer.pause(now).orElseThrow().sentence())
                .isEqualTo("the server answers with status 429 (rate_limit_exceeded) and asks for a pause of 40 s");
    }

    @Test
    void waitsLongerFromRefusalToRefusalWhereTheServerTellsNoTime() {
        List<Duration> waits = new ArrayList<>();

        for (int refusal = 0; refusal < 9; refusal++) {
            long began = now;
            pacer.answered(now, pacer.send(now, 1), refusal(Map.of("retry-after", "soon"), "rate_limit_exceeded"));
            now += untilAllowed(1);
            waits.add(Duration.ofNanos(now - began));
        }

        assertThat(waits.getFirst()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(waits.get(3)).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
        assertThat(waits.getLast()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(67));
    }

    @Test
    void doesNotWaitForAMissingReplyBeforeItTriesAgain() {
        pacer.answered(now, pacer.send(now, 1), refusal(Map.of("retry-after", "1"), "rate_limit_exceeded"));
        now += Duration.ofSeconds(3).toNanos();

        pacer.lost(now, pacer.send(now, 1));

        assertThat(pacer.nanosUntil(now, 1)).isZero();
    }

    @Test
    void keepsToADaysRequestsButUsesThemAsFastAsTokensAllow() {
        TestingAccount account = new TestingAccount(LIMITS.withRequests(Limit.perDay(100)), HeaderForm.OPENAI);

        Sent sent = sendFor(Duration.ofMinutes(10), account);

        assertThat(sent.refused()).isZero();
        assertThat(sent.tokens()).isGreaterThan(9_000_000);
    }

    @Test
    void tellsWhenADaysRequestsAreUsedUp() {
        TestingAccount account = new TestingAccount(LIMITS.withRequests(Limit.perDay(20)), HeaderForm.OPENAI);

        Sent sent = sendFor(Duration.ofMinutes(30), account);

        assertThat(sent.refused()).isZero();
        Pause pause = pacer.pause(account.nanoTime()).orElseThrow();
        assertThat(pause.left()).isGreaterThan(Duration.ofMinutes(5));
        assertThat(pause.sentence()).contains("limit of 20 requests in 86,400 s");
    }

    @Test
    void tellsThatRepliesSayThatNothingIsEverLeft() {
        int longWaits = 0;
        for (int request = 0; request < 10; request++) {
            pacer.answered(now, pacer.send(now, 300), Reply.ok(headers(0)));
            long asked = now;
            Optional<Pause> told = Optional.empty();
            while (pacer.nanosUntil(now, 300) > 0) {
                now += pacer.nanosUntil(now, 300);
                told = pacer.pause(now);
            }
            if (now - asked > Duration.ofSeconds(12).toNanos()) {
                longWaits++;
                assertThat(told)
                        .as(
                                "what is said in a wait of %d s",
                                Duration.ofNanos(now - asked).toSeconds())
                        .hasValueSatisfying(pause -> assertThat(pause.sentence())
                                .startsWith("the server's last reply tells that 0 are left of the account's limit of"));
            }
        }

        assertThat(longWaits).as("waits of more than 12 s").isPositive();
    }

    @Test
    void tellsTheReasonOfPausesOneAfterTheOtherToTheirEnd() {
        long began = now;
        for (int refusal = 0; refusal < 6; refusal++) {
            pacer.answered(now, pacer.send(now, 1), refusal(Map.of(), "rate_limit_exceeded"));
            for (long wait = pacer.nanosUntil(now, 1); wait > 0; wait = pacer.nanosUntil(now, 1)) {
                if (now - began > Duration.ofSeconds(10).toNanos()) {
                    assertThat(pacer.pause(now))
                            .hasValueSatisfying(pause -> assertThat(pause.sentence())
                                    .startsWith("the server answers with status 429 (rate_limit_exceeded)"));
                }
                now += wait;
            }
        }

        assertThat(Duration.ofNanos(now - began)).isGreaterThan(Duration.ofSeconds(60));
    }

    @Test
    void tellsWhichLimitARequestHasWaitedForFromTheTenthSecondOn() {
        Pacer hinted = new Pacer(new Hints(OptionalLong.empty(), OptionalLong.of(1_000)), new Random(1));
        int longWaits = 0;
        for (int request = 0; request < 12; request++) {
            long asked = now;
            for (long wait = hinted.nanosUntil(now, 500); wait > 0; wait = hinted.nanosUntil(now, 500)) {
                if (now - asked > Duration.ofSeconds(11).toNanos()) {
                    longWaits++;
                    assertThat(hinted.pause(now))
                            .hasValueSatisfying(pause -> assertThat(pause.sentence())
                                    .startsWith("the account's limit of 1,000 tokens in 60 s has"));
                }
                now += wait;
            }
            hinted.answered(now, hinted.send(now, 500), Reply.ok(RateLimitHeaders.NONE));
        }

        assertThat(longWaits).isPositive();
    }

    @Test
    void keepsToTheTokensOfAProjectToo() {
        TestingAccount account =
                new TestingAccount(LIMITS.withProjectTokens(Limit.perMinute(120_000)), HeaderForm.OPENAI);

        Sent sent = sendFor(Duration.ofMinutes(5), account);

        assertThat(sent.refused()).isZero();
        assertThat(sent.tokens()).isBetween(582_000L, 720_000L);
    }

    @Test
    void keepsToHintsWhereTheServerTellsNothing() {
        Pacer hinted = new Pacer(new Hints(OptionalLong.of(3_000), OptionalLong.of(1_000_000)), new Random(1));

        Sent sent = sendFor(Duration.ofMinutes(5), new TestingAccount(LIMITS, HeaderForm.NONE), hinted);

        assertThat(sent.refused()).isZero();
        assertThat(sent.tokens()).isBetween(4_850_000L, 6_000_000L);
    }

    @Test
    void believesTheServerMoreThanHints() {
        Pacer hinted = new Pacer(new Hints(OptionalLong.of(60), OptionalLong.of(1_000)), new Random(1));

        Sent sent = sendFor(Duration.ofMinutes(5), new TestingAccount(LIMITS, HeaderForm.OPENAI), hinted);

        assertThat(sent.refused()).isZero();
        assertThat(sent.tokens()).isGreaterThan(4_500_000);
    }

    @Test
    void sendsMoreAtATimeWhileAServerWithoutLimitsIsGoodAndHalfAsMuchAfterARefusal() {
        List<Pacer.Ticket> inFlight = List.of();
        for (int round = 0; round < 6; round++) {
            inFlight = sendAll();
            if (round < 5) {
                inFlight.forEach(ticket -> pacer.answered(now, ticket, Reply.ok(RateLimitHeaders.NONE)));
            }
        }
        inFlight.forEach(ticket -> pacer.answered(now, ticket, refusal(Map.of("retry-after", "1"), "overloaded")));
        now += Duration.ofSeconds(10).toNanos();
        pacer.answered(now, pacer.send(now, 1), Reply.ok(RateLimitHeaders.NONE));

        assertThat(inFlight).hasSize(32);
        assertThat(sendAll()).hasSize(16);
        assertThat(pacer.preferredRequestTokens(now)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void keepsBelowTheRampOnceTheServerAskedToSlowDown() {
        TestingAccount account =
                new TestingAccount(ModelLimits.perMinute(10_000, 10_000_000).withRamp(true), HeaderForm.OPENAI);

        Sent sent = sendFor(Duration.ofMinutes(10), account);

        assertThat(sent.refused()).isLessThanOrEqualTo(3);
        assertThat(sent.tokens()).isBetween(12_000_000L, 17_000_000L);
    }

    @Test
    void livesWithNegativeNumbersOfWhatIsLeft() {
        Map<String, String> headers = new HashMap<>(Map.of(
                "x-ratelimit-limit-tokens", "60000",
                "x-ratelimit-remaining-tokens", "-1",
                "x-ratelimit-reset-tokens", "1"));
        long tokens = 0;

        for (long end = now + Duration.ofMinutes(5).toNanos(); now < end; ) {
            now += untilAllowed(100);
            pacer.answered(now, pacer.send(now, 100), Reply.ok(RateLimitHeaders.read(headers::get, Instant.EPOCH)));
            tokens += 100;
        }

        assertThat(tokens).isBetween(290_000L, 362_000L);
    }

    @Test
    void isAsCarefulAsEverAfterALongSilence() {
        pacerThatKnowsItsLimits();
        now += Duration.ofHours(3).toNanos();

        List<Pacer.Ticket> tickets = sendAll();

        assertThat(tickets).hasSizeLessThan(20);
    }

    private Pacer pacerThatKnowsItsLimits() {
        pacer.answered(now, pacer.send(now, 100), Reply.ok(headers(990_000)));
        return pacer;
    }

    private List<Pacer.Ticket> send(Pacer known, int number) {
        List<Pacer.Ticket> tickets = new ArrayList<>();
        for (int request = 0; request < number; request++) {
            now += untilAllowed(100);
            tickets.add(known.send(now, 100));
        }
        return tickets;
    }

    /** As many as may go at once. */
    private List<Pacer.Ticket> sendAll() {
        List<Pacer.Ticket> tickets = new ArrayList<>();
        while (tickets.size() < 10_000 && pacer.nanosUntil(now, 1_000) == 0) {
            tickets.add(pacer.send(now, 1_000));
        }
        return tickets;
    }

    private long untilAllowed(long tokens) {
        long began = now;
        for (long wait = pacer.nanosUntil(began, tokens); wait > 0; wait = pacer.nanosUntil(began, tokens)) {
            began += wait;
        }
        return began - now;
    }

    private Sent sendFor(Duration time, TestingAccount account) {
        return sendFor(time, account, pacer);
    }

    /** Requests as large as the pacer likes, as soon as it lets them go; a reply comes within 10 ms. */
    private static Sent sendFor(Duration time, TestingAccount account, Pacer pacer) {
        long tokens = 0;
        int refused = 0;
        List<Runnable> replies = new ArrayList<>();
        while (account.nanoTime() < time.toNanos()) {
            long request = Math.min(300_000, pacer.preferredRequestTokens(account.nanoTime()));
            if (pacer.nanosUntil(account.nanoTime(), request) > 0) {
                account.forward(Duration.ofMillis(10));
                replies.forEach(Runnable::run);
                replies.clear();
                continue;
            }
            Pacer.Ticket ticket = pacer.send(account.nanoTime(), request);
            Reply reply = account.reply(request);
            replies.add(() -> pacer.answered(account.nanoTime(), ticket, reply));
            tokens += reply.success() ? request : 0;
            refused += reply.success() ? 0 : 1;
        }
        return new Sent(tokens, refused);
    }

    private record Sent(long tokens, int refused) {}

    private static RateLimitHeaders headers(long remaining) {
        return RateLimitHeaders.read(
                Map.of("x-ratelimit-limit-tokens", "1000000", "x-ratelimit-remaining-tokens", Long.toString(remaining))
                        ::get,
                Instant.EPOCH);
    }

    private static Reply refusal(Map<String, String> headers, String code) {
        return new Reply(429, RateLimitHeaders.read(headers::get, Instant.EPOCH), Optional.of(code));
    }
}
