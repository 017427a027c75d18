package io.embeddingoperator.runner.embed.openai.pacing;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How long a server asks to be left alone. */
final class RetryAfter {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,12}(\\.\\d{1,18})?");
    /** No server asks to come back next year: a number beyond it is no time, and neither is a date. */
    private static final Duration LONGEST = Duration.ofDays(366);

    private RetryAfter() {}

    /**
     * The longer one where both headers tell a time, since it is a minimum.
     *
     * @param header a header's value by its lower-case name, or null
     * @param now counts for a date where the reply does not tell its own
     */
    static Optional<Duration> read(UnaryOperator<String> header, Instant now) {
        Instant sent = date(header.apply("date")).orElse(now);
        return Stream.of(
                        number(header.apply("retry-after-ms"), -3),
                        number(header.apply("retry-after"), 0),
                        date(header.apply("retry-after"))
                                .map(until -> until.isAfter(sent) ? Duration.between(sent, until) : Duration.ZERO))
                .flatMap(Optional::stream)
                .filter(wait -> wait.compareTo(LONGEST) <= 0)
                .max(Duration::compareTo);
    }

    private static Optional<Duration> number(String text, int powerOfTen) {
        if (text == null || !NUMBER.matcher(text.strip()).matches()) {
            return Optional.empty();
        }
        BigDecimal seconds = new BigDecimal(text.strip()).scaleByPowerOfTen(powerOfTen);
        return Optional.of(Duration.ofSeconds(
                seconds.longValue(),
                seconds.remainder(BigDecimal.ONE).movePointRight(9).longValue()));
    }

    private static Optional<Instant> date(String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeParseException _) {
            return Optional.empty();
        }
    }
}
