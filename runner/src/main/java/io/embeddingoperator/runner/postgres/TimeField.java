package io.embeddingoperator.runner.postgres;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;

/**
 * PostgreSQL's dates and timestamps: days and microseconds since the year 2000. The first and the last moment of each
 * Java class are what the driver makes of -infinity and infinity, and become these again.
 */
public final class TimeField {
    /** Of a proleptic calendar that has a year 0: 4714 BC. */
    private static final int FIRST_YEAR = -4713;

    private static final int LAST_YEAR_OF_A_DATE = 5_874_897;
    private static final int LAST_YEAR_OF_A_TIMESTAMP = 294_276;

    private static final LocalDate EPOCH = LocalDate.of(2000, 1, 1);
    private static final Instant EPOCH_INSTANT = EPOCH.atStartOfDay().toInstant(ZoneOffset.UTC);

    private TimeField() {}

    public static boolean holds(LocalDate date) {
        return date.equals(LocalDate.MAX)
                || date.equals(LocalDate.MIN)
                || date.getYear() >= FIRST_YEAR && date.getYear() <= LAST_YEAR_OF_A_DATE;
    }

    public static boolean holds(LocalDateTime time) {
        return time.equals(LocalDateTime.MAX)
                || time.equals(LocalDateTime.MIN)
                || time.getYear() >= FIRST_YEAR && time.getYear() <= LAST_YEAR_OF_A_TIMESTAMP;
    }

    public static boolean holds(Instant instant) {
        return isInfinity(instant)
                || isMinusInfinity(instant)
                || holds(LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
    }

    public static int days(LocalDate date) {
        if (date.equals(LocalDate.MAX)) {
            return Integer.MAX_VALUE;
        }
        return date.equals(LocalDate.MIN) ? Integer.MIN_VALUE : Math.toIntExact(EPOCH.until(date, ChronoUnit.DAYS));
    }

    public static long microseconds(LocalDateTime time) {
        return microseconds(
                time.equals(LocalDateTime.MAX)
                        ? Instant.MAX
                        : time.equals(LocalDateTime.MIN) ? Instant.MIN : time.toInstant(ZoneOffset.UTC));
    }

    /** Microseconds since 2000. */
    public static long microseconds(Instant instant) {
        if (isInfinity(instant)) {
            return Long.MAX_VALUE;
        }
        return isMinusInfinity(instant) ? Long.MIN_VALUE : EPOCH_INSTANT.until(instant, ChronoUnit.MICROS);
    }

    /** As PostgreSQL reads it: years before the first have a name of their own, and large ones no sign. */
    public static String text(LocalDate date) {
        if (date.equals(LocalDate.MAX)) {
            return "infinity";
        }
        return date.equals(LocalDate.MIN) ? "-infinity" : text(date, "");
    }

    public static String text(LocalDateTime time) {
        if (time.equals(LocalDateTime.MAX)) {
            return "infinity";
        }
        return time.equals(LocalDateTime.MIN)
                ? "-infinity"
                : text(time.toLocalDate(), " " + time.toLocalTime().truncatedTo(ChronoUnit.MICROS));
    }

    public static String text(Instant instant) {
        if (isInfinity(instant)) {
            return "infinity";
        }
        if (isMinusInfinity(instant)) {
            return "-infinity";
        }
        LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        return text(time.toLocalDate(), " " + time.toLocalTime().truncatedTo(ChronoUnit.MICROS) + "+00");
    }

    private static String text(LocalDate date, String time) {
        return "%04d-%02d-%02d%s%s"
                .formatted(
                        date.get(ChronoField.YEAR_OF_ERA),
                        date.getMonthValue(),
                        date.getDayOfMonth(),
                        time,
                        date.getYear() < 1 ? " BC" : "");
    }

    private static boolean isInfinity(Instant instant) {
        return !instant.isBefore(OffsetDateTime.MAX.toInstant());
    }

    private static boolean isMinusInfinity(Instant instant) {
        return !instant.isAfter(OffsetDateTime.MIN.toInstant());
    }
}
