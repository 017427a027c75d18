package io.embeddingoperator.runner.embed.openai.pacing;

import io.embeddingoperator.openai.simulator.limit.Admission;
import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The simulator's limiter at the end of a line that takes no time; the time is what a test says. */
final class TestingAccount {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final RateLimiter limiter;
    private final HeaderForm form;
    private long now;

    TestingAccount(ModelLimits limits, HeaderForm form) {
        this.limiter = new RateLimiter("org", "model", limits, START);
        this.form = form;
    }

    long nanoTime() {
        return now;
    }

    void forward(Duration time) {
        now += time.toNanos();
    }

    Reply reply(long tokens) {
        Admission admission = limiter.admit(START.plusNanos(now), tokens);
        Map<String, String> headers = new HashMap<>(admission.quota().headers(form));
        return switch (admission) {
            case Admission.Admitted _ -> Reply.ok(RateLimitHeaders.read(headers::get, START));
            case Admission.Refused refused -> {
                headers.put("retry-after", Long.toString(refused.retryAfterSeconds()));
                yield new Reply(429, RateLimitHeaders.read(headers::get, START), Optional.of(refused.code()));
            }
        };
    }
}
