package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.table.TextColumn;
import java.sql.Connection;
import java.sql.SQLException;

/** The GIN index over the words of the content. */
public final class TextIndex {
    private final ColumnIndex index;

    public TextIndex(TableName table) {
        this.index = new ColumnIndex(table, "gin", TextColumn.NAME, "tsvector_ops");
    }

    /** Whether a valid index serves the column. */
    public boolean exists(Connection connection) throws SQLException {
        return index.exists(connection);
    }

    /**
     * Builds the index, unless it exists; what a crashed build left is removed first. The caller holds the lock that keeps others
     * from building it, and no transaction.
     */
    public Void build(Connection connection) throws SQLException {
        if (!exists(connection)) {
            index.dropInvalid(connection);
            index.create(connection, "pg_catalog", "_content_search_gin", "");
        }
        return null;
    }
}
