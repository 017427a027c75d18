package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GovernorTest {
    private final Governor governor = new Governor(Hints.NONE);

    @Test
    void letsWaitersGoOnWhenAReplyComes() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Governor.Permit first = governor.acquire(100);
            Future<Governor.Permit> second = threads.submit(() -> governor.acquire(100));
            assertThat(second.isDone()).isFalse();

            first.answered(Reply.ok(RateLimitHeaders.NONE));

            second.get(30, TimeUnit.SECONDS).lost();
        }
    }

    @Test
    void wakesAWaiterThatIsInterrupted() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Governor.Permit held = governor.acquire(100);
            CountDownLatch ended = new CountDownLatch(2);
            for (int waiter = 0; waiter < 2; waiter++) {
                threads.execute(() -> {
                    try {
                        governor.acquire(100);
                    } catch (InterruptedException _) {
                        ended.countDown();
                    } catch (RequestTooLargeException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }

            threads.shutdownNow();

            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            held.lost();
        }
    }

    @Test
    void releasesAllWhoWaitOnceNoRequestWouldBeAnswered() throws Exception {
        // given a server that asks for a pause of an hour, and two who wait for its end
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            governor.acquire(100)
                    .answered(
                            new Reply(429, headers(Map.of("retry-after", "3600")), Optional.of("insufficient_quota")));
            Future<Governor.Permit> next = threads.submit(() -> governor.acquire(100));
            Future<Governor.Permit> afterIt = threads.submit(() -> governor.acquire(100));
            IllegalStateException reason = new IllegalStateException("the account has no money");

            // when
            governor.end(reason);

            // then
            assertThatThrownBy(() -> next.get(30, TimeUnit.SECONDS)).hasCause(reason);
            assertThatThrownBy(() -> afterIt.get(30, TimeUnit.SECONDS)).hasCause(reason);
            assertThatThrownBy(() -> governor.acquire(100)).isSameAs(reason);
        }
    }

    @Test
    void refusesARequestThatNoWaitingHelps() throws Exception {
        Governor hinted = new Governor(new Hints(OptionalLong.empty(), OptionalLong.of(5_000)));

        assertThatThrownBy(() -> hinted.acquire(5_001))
                .isInstanceOfSatisfying(
                        RequestTooLargeException.class,
                        e -> assertThat(e.mostTokens()).isEqualTo(5_000))
                .hasMessage("a request of 5,001 tokens, of which the account's limit allows 5,000: divide it");
    }

    @Test
    void findsOutWhileItWaitsThatARequestIsTooLarge() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Governor.Permit first = governor.acquire(100);
            Future<Governor.Permit> large = threads.submit(() -> governor.acquire(9_000));

            first.answered(Reply.ok(headers(Map.of("x-ratelimit-limit-tokens", "8000"))));

            assertThatThrownBy(() -> large.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(RequestTooLargeException.class);
        }
    }

    @Test
    void tellsWhyAndUntilWhenNothingIsSent() throws Exception {
        assertThat(governor.waiting()).isEmpty();

        governor.acquire(100)
                .answered(new Reply(429, headers(Map.of("retry-after", "120")), Optional.of("rate_limit_exceeded")));

        Governor.Waiting waiting = governor.waiting().orElseThrow();
        assertThat(waiting.sentence()).contains("429", "rate_limit_exceeded", "120 s");
        assertThat(waiting.until())
                .isBetween(Instant.now().plusSeconds(60), Instant.now().plus(Duration.ofSeconds(140)));
    }

    @Test
    void refusesASecondReplyToOneRequest() throws Exception {
        Governor.Permit permit = governor.acquire(100);
        permit.lost();

        assertThatThrownBy(() -> permit.answered(Reply.ok(RateLimitHeaders.NONE)))
                .isInstanceOf(IllegalStateException.class);
    }

    private static RateLimitHeaders headers(Map<String, String> headers) {
        return RateLimitHeaders.read(headers::get, Instant.now());
    }
}
