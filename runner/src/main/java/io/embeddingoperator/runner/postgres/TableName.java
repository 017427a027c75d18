package io.embeddingoperator.runner.postgres;

import java.util.Objects;
import java.util.Optional;

/**
 * A table as a manifest names it.
 *
 * @param schema empty where the search path decides
 */
public record TableName(Optional<String> schema, String table) {
    public TableName {
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(table, "table");
    }

    /** Reads {@code table} or {@code schema.table}; parts may stand in double quotes, as in SQL. */
    public static TableName parse(String text) {
        int dot = text.indexOf('.');
        return dot < 0
                ? new TableName(Optional.empty(), text)
                : new TableName(Optional.of(text.substring(0, dot)), text.substring(dot + 1));
    }

    /** The name with every part quoted, safe inside SQL. */
    public String sql() {
        return schema.map(Identifier::quote).map(s -> s + ".").orElse("") + Identifier.quote(table);
    }

    /** As a person writes it. */
    @Override
    public String toString() {
        return schema.map(s -> s + ".").orElse("") + table;
    }
}
