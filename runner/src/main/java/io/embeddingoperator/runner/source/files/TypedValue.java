package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.MetadataType;
import io.embeddingoperator.runner.document.ColumnType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Optional;
import java.util.UUID;

/** What a value that has no type of its own is in a column that the manifest gives one. */
final class TypedValue {
    /** Every offset that ISO 8601 knows, and PostgreSQL's of hours alone. */
    private static final DateTimeFormatter WITH_OFFSET = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .parseLenient()
            .appendOffsetId()
            .toFormatter();

    private static final int DATE_LENGTH = 10;

    /** As long as a number of JSON may be. */
    private static final int MAX_NUMBER_CHARACTERS = 1_000;

    private static final int SHOWN_CHARACTERS = 40;

    private TypedValue() {}

    static ColumnType type(MetadataType declared) {
        return switch (declared) {
            case Text -> ColumnType.TEXT;
            case Boolean -> ColumnType.BOOLEAN;
            case Integer -> ColumnType.INTEGER;
            case BigInt -> ColumnType.BIGINT;
            case Double -> ColumnType.DOUBLE;
            case Numeric -> ColumnType.NUMERIC;
            case UUID -> ColumnType.UUID;
            case Date -> ColumnType.DATE;
            case Timestamp -> ColumnType.TIMESTAMP;
            case TimestampTZ -> ColumnType.TIMESTAMPTZ;
            case JSONB -> ColumnType.JSONB;
        };
    }

    /** The value as the class that the type names; empty where it is none of the type. The value is not absent. */
    static Optional<Object> of(FieldValue value, ColumnType type) {
        if (value.isNested() && type != ColumnType.TEXT && type != ColumnType.JSONB) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(value, type));
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /**
     * What is wrong with a value that is none of its column's type, as the end of a sentence that names the field.
     *
     * @param manifestPath where the manifest gives the type
     */
    static String refusal(FieldValue value, ColumnType type, String manifestPath) {
        String text = value.text();
        boolean isShown = !value.isNested() && text.codePointCount(0, text.length()) <= SHOWN_CHARACTERS;
        return "is %s, which is no value of the type %s that %s.metadata gives its column: correct one of them"
                .formatted(isShown ? "'" + text + "'" : value.description(), type.sqlName(), manifestPath);
    }

    private static Object parse(FieldValue value, ColumnType type) {
        String text = value.text();
        return switch (type) {
            case TEXT -> text;
            case JSONB -> value.json();
            case BOOLEAN -> truth(text);
            case SMALLINT -> number(text).shortValueExact();
            case INTEGER -> number(text).intValueExact();
            case BIGINT -> number(text).longValueExact();
            case REAL -> finite(number(text).floatValue()).floatValue();
            case DOUBLE -> finite(number(text).doubleValue());
            case NUMERIC -> number(text);
            case UUID -> uuid(text);
            case DATE -> LocalDate.parse(text);
            case TIMESTAMP -> LocalDateTime.parse(withT(text));
            case TIMESTAMPTZ -> OffsetDateTime.parse(withT(text), WITH_OFFSET).toInstant();
        };
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("no boolean");
        };
    }

    private static BigDecimal number(String text) {
        if (text.length() > MAX_NUMBER_CHARACTERS) {
            throw new IllegalArgumentException("a long text and no number");
        }
        return new BigDecimal(text);
    }

    private static Double finite(double value) {
        if (Double.isInfinite(value)) {
            throw new ArithmeticException("beyond the numbers of the type");
        }
        return value;
    }

    /** The platform's parser also takes parts that are too short. */
    private static UUID uuid(String text) {
        UUID uuid = UUID.fromString(text);
        if (!uuid.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException("no UUID in its usual form");
        }
        return uuid;
    }

    /** A date and a time may have a space between them, as PostgreSQL and others write it. */
    private static String withT(String text) {
        return text.length() > DATE_LENGTH && text.charAt(DATE_LENGTH) == ' '
                ? text.substring(0, DATE_LENGTH) + 'T' + text.substring(DATE_LENGTH + 1)
                : text;
    }
}
