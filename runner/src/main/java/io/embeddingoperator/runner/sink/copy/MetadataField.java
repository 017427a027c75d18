package io.embeddingoperator.runner.sink.copy;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.postgres.BinaryCopy;
import io.embeddingoperator.runner.postgres.NumericField;
import io.embeddingoperator.runner.postgres.StorableText;
import io.embeddingoperator.runner.postgres.TimeField;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of each type that a metadata column may have. A value is of the class that the type names, or null.
 */
public final class MetadataField {
    private MetadataField() {}

    static void write(BinaryCopy copy, ColumnType type, @Nullable Object value) {
        if (value == null) {
            copy.nothing();
            return;
        }
        switch (type) {
            case BOOLEAN -> copy.bool((Boolean) value);
            case SMALLINT -> copy.int2((Short) value);
            case INTEGER -> copy.int4((Integer) value);
            case BIGINT -> copy.int8((Long) value);
            case REAL -> copy.float4((Float) value);
            case DOUBLE -> copy.float8((Double) value);
            case NUMERIC -> NumericField.write(copy, (Number) value);
            case TEXT -> copy.text((String) value);
            case UUID -> copy.uuid((UUID) value);
            case DATE -> copy.int4(TimeField.days((LocalDate) value));
            case TIMESTAMP -> copy.int8(TimeField.microseconds((LocalDateTime) value));
            case TIMESTAMPTZ -> copy.int8(TimeField.microseconds((Instant) value));
            case JSONB -> copy.jsonb((String) value);
        }
    }

    /** A value as PostgreSQL reads it in SQL, where a cast to the type follows; null for null. */
    public static @Nullable String literal(ColumnType type, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (type) {
            case DATE -> TimeField.text((LocalDate) value);
            case TIMESTAMP -> TimeField.text((LocalDateTime) value);
            case TIMESTAMPTZ -> TimeField.text((Instant) value);
            case BOOLEAN, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, NUMERIC, TEXT, UUID, JSONB -> value.toString();
        };
    }

    /** The end of a sentence that says why a value has no binary form, or empty when it has one. */
    static Optional<String> refusal(ColumnType type, @Nullable Object value) {
        if (value == null) {
            return Optional.empty();
        }
        return switch (type) {
            case TEXT, JSONB -> StorableText.refusal((String) value);
            case NUMERIC -> unless(NumericField.holds((Number) value), "has more digits than a numeric");
            case DATE -> unless(TimeField.holds((LocalDate) value), "is %s, beyond the dates".formatted(value));
            case TIMESTAMP ->
                unless(TimeField.holds((LocalDateTime) value), "is %s, beyond the timestamps".formatted(value));
            case TIMESTAMPTZ ->
                unless(TimeField.holds((Instant) value), "is %s, beyond the timestamps".formatted(value));
            case BOOLEAN, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, UUID -> Optional.empty();
        };
    }

    private static Optional<String> unless(boolean holds, String reason) {
        return holds ? Optional.empty() : Optional.of(reason + " that PostgreSQL can store");
    }
}
