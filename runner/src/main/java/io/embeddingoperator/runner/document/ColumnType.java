package io.embeddingoperator.runner.document;

/** The types that a metadata column may have; a value of each is held as the Java class that is named here. */
public enum ColumnType {
    BOOLEAN("boolean", Boolean.class),
    SMALLINT("smallint", Short.class),
    INTEGER("integer", Integer.class),
    BIGINT("bigint", Long.class),
    REAL("real", Float.class),
    DOUBLE("double precision", Double.class),
    /** A BigDecimal, or a Double where it is NaN or infinite. */
    NUMERIC("numeric", Number.class),
    TEXT("text", String.class),
    UUID("uuid", java.util.UUID.class),
    /** The first and the last moment of this and the next two classes stand for -infinity and infinity. */
    DATE("date", java.time.LocalDate.class),
    TIMESTAMP("timestamp without time zone", java.time.LocalDateTime.class),
    TIMESTAMPTZ("timestamp with time zone", java.time.Instant.class),
    /** Held as its JSON text. */
    JSONB("jsonb", String.class);

    private final String sqlName;
    private final Class<?> javaType;

    ColumnType(String sqlName, Class<?> javaType) {
        this.sqlName = sqlName;
        this.javaType = javaType;
    }

    /** The type's name in SQL, as format_type() prints it. */
    public String sqlName() {
        return sqlName;
    }

    public Class<?> javaType() {
        return javaType;
    }

    /** The inverse of the value's {@code toString}; throws an unchecked exception when the text has another form. */
    public Object parse(String text) {
        return switch (this) {
            case BOOLEAN -> Boolean.valueOf(text);
            case SMALLINT -> Short.valueOf(text);
            case INTEGER -> Integer.valueOf(text);
            case BIGINT -> Long.valueOf(text);
            case REAL -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case NUMERIC -> number(text);
            case TEXT, JSONB -> text;
            case UUID -> java.util.UUID.fromString(text);
            case DATE -> java.time.LocalDate.parse(text);
            case TIMESTAMP -> java.time.LocalDateTime.parse(text);
            case TIMESTAMPTZ -> java.time.Instant.parse(text);
        };
    }

    private static Number number(String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> Double.valueOf(text);
            default -> new java.math.BigDecimal(text);
        };
    }
}
