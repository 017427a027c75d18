package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Finds a table and what is known about it in the system catalog. */
final class Catalog {
    private static final String TABLE_FIELD = "spec.source.postgres.table";
    private static final int SHOWN_TABLES = 10;

    private final Connection connection;

    Catalog(Connection connection) {
        this.connection = connection;
    }

    CatalogTable table(TableName wanted) throws SQLException {
        checkSchemaUsage(wanted);
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = to_regclass(?)""")) {
            statement.setString(1, wanted.sql());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SpecificationException("%s is '%s', and there is no such table or view; %s"
                            .formatted(TABLE_FIELD, wanted, existing(wanted)));
                }
                char kind = row.getString(4).charAt(0);
                if ("rpvmf".indexOf(kind) < 0) {
                    throw new SpecificationException("%s is '%s', which is no table or view: name one; %s"
                            .formatted(TABLE_FIELD, wanted, existing(wanted)));
                }
                long oid = row.getLong(1);
                TableName name = new TableName(Optional.of(row.getString(2)), row.getString(3));
                return new CatalogTable(oid, name, TableKind.of(kind), columns(oid));
            }
        }
    }

    /**
     * Whether an index proves that the columns' values are different from one another, in all partitions. One under a collation
     * of its own proves nothing about a column whose collation takes different texts for equal.
     */
    boolean isUnique(CatalogTable table, KeyColumns key) throws SQLException {
        return exists("""
                SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                WHERE i.indrelid = ?::oid AND (i.indkey::smallint[])[0:i.indnkeyatts - 1] <@ ?::smallint[] AND i.indisunique
                  AND i.indisvalid AND i.indpred IS NULL
                  AND (c.relkind <> 'r' OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid))
                  AND NOT EXISTS (
                    SELECT FROM unnest(i.indkey::smallint[], i.indcollation::oid[]) AS part (number, ordered)
                      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = part.number
                      JOIN pg_collation o ON o.oid = a.attcollation
                    WHERE NOT o.collisdeterministic AND part.ordered <> o.oid)""", table, key);
    }

    /** The primary key, or else another key, that has more columns than these, and these among them. */
    Optional<CompositeKey> compositeKey(CatalogTable table, KeyColumns key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] FROM pg_index i
                WHERE i.indrelid = ?::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                  AND ?::smallint[] <@ (i.indkey::smallint[])[0:i.indnkeyatts - 1] AND 0 <> ALL (i.indkey::smallint[])
                ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1""")) {
            statement.setLong(1, table.oid());
            statement.setArray(2, numbers(key));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                List<CatalogColumn> columns = Arrays.stream(
                                (Object[]) row.getArray(1).getArray())
                        .map(number -> table.columns().stream()
                                .filter(candidate -> candidate.number() == ((Number) number).intValue())
                                .findFirst()
                                .orElseThrow())
                        .toList();
                return Optional.of(new CompositeKey(table.name(), columns));
            }
        }
    }

    /** Whether an index gives the rows in the columns' own order, forwards or backwards. */
    boolean isIndexed(CatalogTable table, KeyColumns key) throws SQLException {
        return exists("""
                SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
                WHERE i.indrelid = ?::oid AND m.amname = 'btree' AND i.indisvalid AND i.indpred IS NULL
                  AND i.indoption[0] IN (0, 3)
                  AND NOT EXISTS (
                    SELECT FROM unnest(?::smallint[]) WITH ORDINALITY AS wanted (number, place)
                      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = number
                    WHERE place > i.indnkeyatts OR i.indkey[place - 1] <> number
                      OR i.indcollation[place - 1] <> a.attcollation OR i.indoption[place - 1] <> i.indoption[0]
                      OR NOT (SELECT opcdefault FROM pg_opclass o WHERE o.oid = i.indclass[place - 1]))""", table, key);
    }

    /** How much is stored, partitions and children included. */
    TableSize size(CatalogTable table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH RECURSIVE tree(oid) AS (
                  SELECT ?::oid UNION ALL SELECT h.inhrelid FROM pg_inherits h JOIN tree ON h.inhparent = tree.oid)
                SELECT sum(pg_relation_size(c.oid) / current_setting('block_size')::bigint),
                  sum(CASE WHEN c.relpages > 0 THEN c.reltuples / c.relpages
                           WHEN c.relkind <> 'p' THEN ? ELSE 0 END
                    * pg_relation_size(c.oid) / current_setting('block_size')::bigint)
                FROM tree JOIN pg_class c ON c.oid = tree.oid""")) {
            statement.setLong(1, table.oid());
            statement.setDouble(2, TableSize.ROWS_OF_AN_UNKNOWN_BLOCK);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new TableSize(row.getLong(1), (long) row.getDouble(2));
            }
        }
    }

    private boolean exists(String query, CatalogTable table, KeyColumns key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT EXISTS (" + query + ")")) {
            statement.setLong(1, table.oid());
            statement.setArray(2, numbers(key));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private Array numbers(KeyColumns key) throws SQLException {
        return connection.createArrayOf(
                "int2", key.columns().stream().map(CatalogColumn::number).toArray());
    }

    private List<CatalogColumn> columns(long oid) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH RECURSIVE base(attnum, type) AS (
                  SELECT attnum, atttypid FROM pg_attribute WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
                  UNION ALL
                  SELECT base.attnum, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype = 'd')
                SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), t.typname, t.typcategory,
                  NOT a.attnotnull, has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
                  coalesce(c.collisdeterministic, true)
                FROM base JOIN pg_type t ON t.oid = base.type AND t.typtype <> 'd'
                  JOIN pg_attribute a ON a.attrelid = ?::oid AND a.attnum = base.attnum
                  LEFT JOIN pg_collation c ON c.oid = a.attcollation
                ORDER BY a.attnum""")) {
            statement.setLong(1, oid);
            statement.setLong(2, oid);
            try (ResultSet rows = statement.executeQuery()) {
                List<CatalogColumn> columns = new ArrayList<>();
                while (rows.next()) {
                    columns.add(new CatalogColumn(
                            rows.getInt(1),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getString(5).charAt(0),
                            rows.getBoolean(6),
                            rows.getBoolean(7),
                            rows.getBoolean(8)));
                }
                return columns;
            }
        }
    }

    private void checkSchemaUsage(TableName wanted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT current_user, has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = ?")) {
            statement.setString(1, wanted.schema().orElse(""));
            try (ResultSet row = statement.executeQuery()) {
                if (row.next() && !row.getBoolean(2)) {
                    String schema = Identifier.quote(wanted.schema().orElseThrow());
                    throw new SpecificationException(
                            "%s is '%s', and the user %s may not look into its schema: GRANT USAGE ON SCHEMA %s TO %s"
                                    .formatted(
                                            TABLE_FIELD,
                                            wanted,
                                            row.getString(1),
                                            schema,
                                            Identifier.quote(row.getString(1))));
                }
            }
        }
    }

    /** The same name in other schemas or letters first. */
    private String existing(TableName wanted) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
                  AND n.nspname NOT IN ('information_schema', 'embedding_operator')
                  AND has_schema_privilege(n.oid, 'USAGE') AND NOT c.relispartition
                ORDER BY lower(c.relname) = lower(?) DESC, n.nspname = ? DESC, left(lower(c.relname), 3) = left(lower(?), 3) DESC,
                  n.nspname, c.relname
                LIMIT ?""")) {
            statement.setString(1, wanted.table());
            statement.setString(2, wanted.schema().orElse("public"));
            statement.setString(3, wanted.table());
            statement.setInt(4, SHOWN_TABLES + 1);
            List<String> names = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(new TableName(Optional.of(rows.getString(1)), rows.getString(2)).toString());
                }
            }
            return names.isEmpty()
                    ? "this database has none"
                    : "there " + (names.size() == 1 ? "is " : "are ")
                            + String.join(", ", names.subList(0, Math.min(names.size(), SHOWN_TABLES)))
                            + (names.size() > SHOWN_TABLES ? " and more" : "");
        }
    }
}
