package io.embeddingoperator.openai.simulator.limit;

import java.time.Duration;

/** What the limiter says to one request. */
public sealed interface Admission {
    /** What is left after this request: the headers of its reply. */
    Quota quota();

    /** It has been charged and goes on. */
    record Admitted(Quota quota) implements Admission {}

    /** A 429 with an error's type, code and message. */
    sealed interface Refused extends Admission {
        String type();

        String code();

        String message();

        /** Until another try may succeed. */
        Duration tryAgainIn();

        /** The header Retry-After: whole seconds, at least one. */
        default long retryAfterSeconds() {
            return Math.max(1, HeaderForm.wholeSeconds(tryAgainIn()));
        }
    }

    /** The bucket lacks something. Nothing has been charged. */
    record RateLimited(Quota quota, String type, Duration tryAgainIn, String message) implements Refused {
        @Override
        public String code() {
            return "rate_limit_exceeded";
        }
    }

    /** It asks for more than the whole limit: no waiting helps. */
    record RequestTooLarge(Quota quota, String type, String message) implements Refused {
        @Override
        public String code() {
            return "rate_limit_exceeded";
        }

        @Override
        public Duration tryAgainIn() {
            return Duration.ZERO;
        }
    }

    /** The traffic climbs too steeply, though it is within the limits. */
    record SlowDown(Quota quota, Duration tryAgainIn) implements Refused {
        @Override
        public String type() {
            return "rate_limit_error";
        }

        @Override
        public String code() {
            return "slow_down";
        }

        @Override
        public String message() {
            return "Too many requests: slow down. Please reduce your request rate to its original level, keep it there for at"
                    + " least 15 minutes, and then increase it gradually.";
        }
    }
}
