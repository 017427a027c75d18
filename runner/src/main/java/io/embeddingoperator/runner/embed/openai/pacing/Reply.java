package io.embeddingoperator.runner.embed.openai.pacing;

import java.util.Objects;
import java.util.Optional;

/**
 * What a server answered, as far as pacing is concerned.
 *
 * @param status the HTTP status
 * @param errorCode the error's {@code code}, for example {@code slow_down}
 */
public record Reply(int status, RateLimitHeaders headers, Optional<String> errorCode) {
    private static final int TOO_MANY_REQUESTS = 429;

    public Reply {
        Objects.requireNonNull(headers, "headers");
        Objects.requireNonNull(errorCode, "errorCode");
    }

    public static Reply ok(RateLimitHeaders headers) {
        return new Reply(200, headers, Optional.empty());
    }

    /** Whether the server asks to be left alone for a while, be it that it fails. */
    boolean asksToWait() {
        return isRefusal() || (!success() && (headers.retryAfter().isPresent() || asksToSlowDown()));
    }

    /** Whether it is the limits that leave no room, and not the server that fails. */
    boolean isRefusal() {
        return status == TOO_MANY_REQUESTS;
    }

    boolean asksToSlowDown() {
        return errorCode.filter("slow_down"::equals).isPresent();
    }

    boolean success() {
        return status >= 200 && status < 300;
    }
}
