package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.postgres.Identifier;
import java.util.Objects;

/**
 * A column of the embedding table.
 *
 * @param type in SQL, as CREATE TABLE takes it
 * @param typeName for a person, as format_type() prints it where the type's schema is on the search path
 */
public record Column(String name, String type, String typeName, boolean required) {
    public Column {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(typeName, "typeName");
    }

    static Column required(String name, String type) {
        return new Column(name, type, type, true);
    }

    static Column optional(String name, String type) {
        return new Column(name, type, type, false);
    }

    public String definition() {
        return Identifier.quote(name) + " " + type + (required ? " NOT NULL" : "");
    }
}
