package io.embeddingoperator.runner.document;

/** The types that a metadata column may have; a value of each is held as the Java class that is named here. */
public enum ColumnType {
    BOOLEAN("boolean", Boolean.class),
    SMALLINT("smallint", Short.class),
    INTEGER("integer", Integer.class),
    BIGINT("bigint", Long.class),
    REAL("real", Float.class),
    DOUBLE("double precision", Double.class),
    NUMERIC("numeric", java.math.BigDecimal.class),
    TEXT("text", String.class),
    UUID("uuid", java.util.UUID.class),
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
}
