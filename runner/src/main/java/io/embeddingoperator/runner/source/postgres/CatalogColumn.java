package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.KeyType;
import java.util.Optional;
import java.util.Set;

/**
 * A column as the catalog describes it.
 *
 * @param number in its table
 * @param declared the type as SQL writes it, for a person
 * @param type the type's name in the catalog; of a domain, that of the type below it
 * @param category the catalog's letter for a family of types
 * @param nullable whether the catalog allows null; always so in a view
 * @param readable whether the user may select it
 * @param exactEquality whether equal values have equal texts; not so under a collation that ignores case
 */
record CatalogColumn(
        int number,
        String name,
        String declared,
        String type,
        char category,
        boolean nullable,
        boolean readable,
        boolean exactEquality) {
    static final String KEY_TYPES = "bigint, integer, smallint, text, varchar, char and uuid";
    static final String METADATA_TYPES =
            "boolean, smallint, integer, bigint, real, double precision, numeric, text, varchar,"
                    + " char, uuid, date, timestamp, timestamptz, json, jsonb, and as their text time, timetz, interval,"
                    + " enums and arrays";

    private static final char ENUM = 'E';
    private static final char ARRAY = 'A';

    private static final String TEXT_CATEGORIES = "SENBDTI";
    private static final Set<String> TEXT_TYPES = Set.of("json", "jsonb", "xml", "uuid");

    /** As a key; empty where keys of this type are not supported. */
    Optional<KeyType> keyType() {
        return switch (type) {
            case "int8" -> Optional.of(KeyType.BIGINT);
            case "int4", "int2" -> Optional.of(KeyType.INTEGER);
            case "text", "varchar", "bpchar" -> Optional.of(KeyType.TEXT);
            case "uuid" -> Optional.of(KeyType.UUID);
            default -> Optional.empty();
        };
    }

    /** As metadata; empty where metadata of this type is not supported. */
    Optional<ColumnType> metadataType() {
        return switch (type) {
            case "bool" -> Optional.of(ColumnType.BOOLEAN);
            case "int2" -> Optional.of(ColumnType.SMALLINT);
            case "int4" -> Optional.of(ColumnType.INTEGER);
            case "int8" -> Optional.of(ColumnType.BIGINT);
            case "float4" -> Optional.of(ColumnType.REAL);
            case "float8" -> Optional.of(ColumnType.DOUBLE);
            case "numeric" -> Optional.of(ColumnType.NUMERIC);
            case "text", "varchar", "bpchar" -> Optional.of(ColumnType.TEXT);
            case "uuid" -> Optional.of(ColumnType.UUID);
            case "date" -> Optional.of(ColumnType.DATE);
            case "timestamp" -> Optional.of(ColumnType.TIMESTAMP);
            case "timestamptz" -> Optional.of(ColumnType.TIMESTAMPTZ);
            case "json", "jsonb" -> Optional.of(ColumnType.JSONB);
            case "time", "timetz", "interval" -> Optional.of(ColumnType.TEXT);
            // Types of the source's own, which the sink's database need not have.
            default -> category == ENUM || category == ARRAY ? Optional.of(ColumnType.TEXT) : Optional.empty();
        };
    }

    /** Whether a person could read its values: no bytes, arrays, vectors, records. */
    boolean isText() {
        return TEXT_CATEGORIES.indexOf(category) >= 0 || TEXT_TYPES.contains(type);
    }
}
