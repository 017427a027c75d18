package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.postgres.Literal;
import java.util.Objects;

/**
 * The column of an embedding table that holds the words of the content, which the server keeps up to date itself.
 *
 * @param config a text search configuration of the server, with its schema where it is not in pg_catalog
 */
public record TextColumn(String config) {
    public static final String NAME = "content_search";

    public static final String TYPE = "tsvector";

    public TextColumn {
        Objects.requireNonNull(config, "config");
    }

    /** The configuration as an expression. */
    public String configuration() {
        return Literal.quote(config) + "::regconfig";
    }

    /** What CREATE TABLE and ADD COLUMN take. */
    public String definition() {
        return "%s %s GENERATED ALWAYS AS (to_tsvector(%s, %s)) STORED"
                .formatted(NAME, TYPE, configuration(), EmbeddingTable.CONTENT);
    }
}
