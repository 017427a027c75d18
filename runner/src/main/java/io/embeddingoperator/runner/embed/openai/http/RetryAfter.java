package io.embeddingoperator.runner.embed.openai.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** How long a server asks to wait, in each of the forms that are in use. */
public final class RetryAfter {
    /** Nobody means more; it also keeps arithmetic on the result from overflowing. */
    private static final Duration LONGEST = Duration.ofDays(7);

    private RetryAfter() {}

    /** @param now against which a date is read where the reply has none of its own */
    public static Optional<Duration> of(OpenAiReply reply, Instant now) {
        return reply.header("retry-after-ms")
                .flatMap(value -> number(value, 1e6))
                .or(() -> reply.header("retry-after").flatMap(value -> number(value, 1e9)))
                .or(() -> reply.header("retry-after").flatMap(RetryAfter::date).map(date -> {
                    Instant sent =
                            reply.header("date").flatMap(RetryAfter::date).orElse(now);
                    return Duration.between(sent, date);
                }))
                .map(RetryAfter::bounded);
    }

    private static Optional<Duration> number(String value, double nanos) {
        try {
            double number = Double.parseDouble(value.strip());
            return Double.isFinite(number)
                    ? Optional.of(Duration.ofNanos((long) Math.min(number * nanos, LONGEST.toNanos())))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> date(String value) {
        try {
            return Optional.of(ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration wait) {
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
