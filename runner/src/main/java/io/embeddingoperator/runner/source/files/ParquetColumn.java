package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.ColumnType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/**
 * A plain column of a Parquet file and what its values become.
 *
 * @param type what the values are held as
 * @param onlyNulls whether the file gives the column no type, as it has no value: in another file it may have any
 * @param decoder makes such a value of a stored one: Integer, Long, Float, Double, Boolean or byte[]
 */
record ParquetColumn(String name, ColumnType type, boolean onlyNulls, Decoder decoder) {
    /** Makes a value of a stored one. */
    @FunctionalInterface
    interface Decoder {
        Object decode(Object stored) throws InvalidUtf8Exception;
    }

    private static final Decoder AS_STORED = stored -> stored;
    private static final Decoder UTF_8 = stored -> StrictUtf8.decode((byte[]) stored);

    /** The column, or empty where no column of PostgreSQL holds such values. */
    static Optional<ParquetColumn> of(String name, PrimitiveType stored) {
        return switch (stored.getLogicalTypeAnnotation()) {
            case null -> plain(name, stored);
            case StringLogicalTypeAnnotation text -> column(name, ColumnType.TEXT, UTF_8);
            case EnumLogicalTypeAnnotation text -> column(name, ColumnType.TEXT, UTF_8);
            case JsonLogicalTypeAnnotation json -> column(name, ColumnType.JSONB, UTF_8);
            case UUIDLogicalTypeAnnotation uuid -> column(name, ColumnType.UUID, ParquetColumn::uuid);
            case DateLogicalTypeAnnotation date ->
                column(name, ColumnType.DATE, days -> LocalDate.ofEpochDay((Integer) days));
            case IntLogicalTypeAnnotation integer -> integer(name, integer);
            case DecimalLogicalTypeAnnotation decimal ->
                column(name, ColumnType.NUMERIC, value -> new BigDecimal(unscaled(value), decimal.getScale()));
            case TimestampLogicalTypeAnnotation timestamp -> timestamp(name, timestamp);
            case UnknownLogicalTypeAnnotation none ->
                Optional.of(new ParquetColumn(name, ColumnType.TEXT, true, AS_STORED));
            case LogicalTypeAnnotation other -> Optional.empty();
        };
    }

    private static Optional<ParquetColumn> plain(String name, PrimitiveType stored) {
        return switch (stored.getPrimitiveTypeName()) {
            case BOOLEAN -> column(name, ColumnType.BOOLEAN, AS_STORED);
            case INT32 -> column(name, ColumnType.INTEGER, AS_STORED);
            case INT64 -> column(name, ColumnType.BIGINT, AS_STORED);
            case FLOAT -> column(name, ColumnType.REAL, AS_STORED);
            case DOUBLE -> column(name, ColumnType.DOUBLE, AS_STORED);
            // Older writers leave out that it is text.
            case BINARY -> column(name, ColumnType.TEXT, UTF_8);
            case INT96, FIXED_LEN_BYTE_ARRAY -> Optional.empty();
        };
    }

    private static Optional<ParquetColumn> integer(String name, IntLogicalTypeAnnotation integer) {
        boolean signed = integer.isSigned();
        return switch (integer.getBitWidth()) {
            case 8 -> column(name, ColumnType.SMALLINT, value -> ((Integer) value).shortValue());
            case 16 ->
                signed
                        ? column(name, ColumnType.SMALLINT, value -> ((Integer) value).shortValue())
                        : column(name, ColumnType.INTEGER, AS_STORED);
            case 32 ->
                signed
                        ? column(name, ColumnType.INTEGER, AS_STORED)
                        : column(name, ColumnType.BIGINT, value -> Integer.toUnsignedLong((Integer) value));
            case 64 ->
                signed
                        ? column(name, ColumnType.BIGINT, AS_STORED)
                        : column(
                                name, ColumnType.NUMERIC, value -> new BigDecimal(Long.toUnsignedString((Long) value)));
            default -> Optional.empty();
        };
    }

    private static Optional<ParquetColumn> timestamp(String name, TimestampLogicalTypeAnnotation timestamp) {
        ChronoUnit unit = switch (timestamp.getUnit()) {
            case MILLIS -> ChronoUnit.MILLIS;
            case MICROS -> ChronoUnit.MICROS;
            case NANOS -> ChronoUnit.NANOS;
        };
        return timestamp.isAdjustedToUTC()
                ? column(name, ColumnType.TIMESTAMPTZ, value -> Instant.EPOCH.plus((Long) value, unit))
                : column(
                        name,
                        ColumnType.TIMESTAMP,
                        value -> LocalDateTime.ofInstant(Instant.EPOCH.plus((Long) value, unit), ZoneOffset.UTC));
    }

    private static UUID uuid(Object stored) {
        ByteBuffer bytes = ByteBuffer.wrap((byte[]) stored);
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static BigInteger unscaled(Object stored) {
        return stored instanceof byte[] bytes
                ? new BigInteger(bytes)
                : BigInteger.valueOf(((Number) stored).longValue());
    }

    private static Optional<ParquetColumn> column(String name, ColumnType type, Decoder decoder) {
        return Optional.of(new ParquetColumn(name, type, false, decoder));
    }
}
