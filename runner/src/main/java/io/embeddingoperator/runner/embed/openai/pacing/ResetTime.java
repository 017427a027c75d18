package io.embeddingoperator.runner.embed.openai.pacing;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time that a header tells: {@code 1h2m3.5s}, {@code 6m0s}, {@code 522ms}, or a number of seconds.
 *
 * @param precision what the server may have rounded away: OpenAI cuts after milliseconds, Azure tells whole seconds
 */
record ResetTime(Duration time, Duration precision) {
    private static final Pattern CLOCK =
            Pattern.compile("(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9}(?:\\.\\d{1,18})?)s)?");
    private static final Pattern FRACTION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,18})?)(ms|µs|μs|us|ns)");
    private static final Pattern SECONDS = Pattern.compile("(\\d{1,9})(\\.\\d{1,18})?");

    private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000);
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    /** Empty for what is none: a header is never worth a failure. */
    static Optional<ResetTime> parse(String text) {
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        String trimmed = text.strip();
        Matcher seconds = SECONDS.matcher(trimmed);
        if (seconds.matches()) {
            Duration precision = seconds.group(2) == null ? Duration.ofSeconds(1) : MILLISECOND;
            return Optional.of(new ResetTime(nanos(trimmed, NANOS_PER_SECOND), precision));
        }
        Matcher fraction = FRACTION.matcher(trimmed);
        if (fraction.matches()) {
            return Optional.of(new ResetTime(nanos(fraction.group(1), nanosOf(fraction.group(2))), MILLISECOND));
        }
        Matcher clock = CLOCK.matcher(trimmed);
        if (clock.matches()) {
            Duration time = Duration.ofHours(whole(clock.group(1)))
                    .plusMinutes(whole(clock.group(2)))
                    .plus(clock.group(3) == null ? Duration.ZERO : nanos(clock.group(3), NANOS_PER_SECOND));
            return Optional.of(new ResetTime(time, MILLISECOND));
        }
        return Optional.empty();
    }

    private static BigDecimal nanosOf(String unit) {
        return switch (unit) {
            case "ms" -> BigDecimal.valueOf(1_000_000);
            case "ns" -> BigDecimal.ONE;
            default -> BigDecimal.valueOf(1_000);
        };
    }

    private static Duration nanos(String number, BigDecimal unit) {
        BigDecimal nanos = new BigDecimal(number).multiply(unit);
        BigDecimal seconds = nanos.divideToIntegralValue(NANOS_PER_SECOND);
        return Duration.ofSeconds(
                seconds.longValue(),
                nanos.subtract(seconds.multiply(NANOS_PER_SECOND)).longValue());
    }

    private static long whole(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
