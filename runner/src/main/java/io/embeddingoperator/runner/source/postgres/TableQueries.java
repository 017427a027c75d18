package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.postgres.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The SQL that reads documents. All comparisons of keys happen in the server, under the column's own collation; a bound
 * is a parameter.
 *
 * @param unique whether a key is known to stand in one row only
 * @param composite the key of several columns that the key's column is a part of
 */
record TableQueries(
        CatalogTable table,
        DocumentColumns columns,
        Condition condition,
        boolean unique,
        Optional<CompositeKey> composite) {
    /** Position of a page's result columns: key, bytes, copies, then texts, then metadata. */
    static final int KEY = 1;

    static final int BYTES = 2;
    static final int COPIES = 3;
    static final int FIRST_TEXT = 4;

    private static final String FITS = "bytes <= " + Limits.MAX_DOCUMENT_BYTES + " AND copies = 1";

    /** Prepares one of these texts. */
    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return condition.prepare(connection, sql);
    }

    /** The key's column, safe from aliases of the same name. */
    String key() {
        return column(columns.key());
    }

    /** The key's type, for a cast of a parameter. */
    String keyType() {
        return columns.key().type();
    }

    /** The rows, each key of a repeated one once, as {@code k}. */
    String keys(String sample) {
        return "SELECT %s%s AS k FROM %s%s WHERE %s AND %s IS NOT NULL"
                .formatted(unique ? "" : "DISTINCT ", key(), table.name().sql(), sample, condition.sql(), key());
    }

    /** Counts the rows without a key. */
    String countWithoutKey() {
        return "SELECT count(*) FROM %s WHERE %s AND %s IS NULL"
                .formatted(table.name().sql(), condition.sql(), key());
    }

    /**
     * The rows without a key after a place (two parameters: table and ctid), as table, ctid and the table's name.
     *
     * @param limit of rows
     */
    String withoutKey(int limit) {
        return """
                SELECT tableoid, ctid, tableoid::regclass::text AS name FROM %s WHERE %s AND %s IS NULL AND (tableoid, ctid) > (?::oid, ?::tid)
                ORDER BY tableoid, ctid LIMIT %d""".formatted(table.name().sql(), condition.sql(), key(), limit);
    }

    /** The first key of a range, alone. */
    String firstKey(KeyBounds bounds) {
        return "SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1"
                .formatted(output(key()), table.name().sql(), where(bounds), key());
    }

    /**
     * The documents of a range by ascending key: so many rows at the most, and none after those that reach a window's
     * bytes. What is too long is not sent. The bounds that are not null are parameters, in their order.
     */
    String page(KeyBounds bounds, int limit) {
        int texts = columns.texts().size();
        List<String> inner = new ArrayList<>(List.of(key() + " AS k"));
        List<String> outer = new ArrayList<>();
        List<String> sizes = new ArrayList<>();
        for (int i = 0; i < texts; i++) {
            inner.add(text(columns.texts().get(i)) + " AS t" + i);
            sizes.add("coalesce(octet_length(t" + i + "), 0)::bigint");
            outer.add(unlessTooLong("t" + i));
        }
        for (int i = 0; i < columns.metadataColumns().size(); i++) {
            ColumnType type = columns.metadata().get(i).type();
            boolean unbounded = type == ColumnType.TEXT || type == ColumnType.JSONB;
            CatalogColumn column = columns.metadataColumns().get(i);
            inner.add((unbounded ? text(column) : column(column)) + " AS m" + i);
            if (unbounded) {
                sizes.add("coalesce(octet_length(m" + i + "), 0)::bigint");
            }
            outer.add(unbounded ? unlessTooLong("m" + i) : "m" + i);
        }
        String rows = "SELECT %s FROM %s WHERE %s ORDER BY %s FETCH FIRST %d ROWS %s"
                .formatted(
                        String.join(", ", inner),
                        table.name().sql(),
                        where(bounds),
                        key(),
                        limit,
                        unique ? "ONLY" : "WITH TIES");
        String sized = "SELECT *, %s AS bytes FROM (%s) rows".formatted(String.join(" + ", sizes), rows);
        String once = unique ? "SELECT *, 1 AS copies FROM (%s) sized".formatted(sized) : """
                SELECT * FROM (SELECT *, count(*) OVER copies AS copies, row_number() OVER copies AS copy FROM (%s) sized
                  WINDOW copies AS (PARTITION BY k)) counted WHERE copy = 1""".formatted(sized);
        // As int: the server adds bigints as numerics, which takes longer than reading the rows.
        String sent = "SELECT *, CASE WHEN %s THEN bytes::int ELSE 0 END AS sent FROM (%s) once".formatted(FITS, once);
        String running = "SELECT *, sum(sent) OVER (ORDER BY k ROWS UNBOUNDED PRECEDING) AS running FROM (%s) sent"
                .formatted(sent);
        return "SELECT %s, bytes, copies, %s FROM (%s) page WHERE running - sent < %d ORDER BY k"
                .formatted(output("k"), String.join(", ", outer), running, Limits.MAX_WINDOW_BYTES);
    }

    private String where(KeyBounds bounds) {
        return condition.sql()
                + (bounds.after() == null ? "" : " AND %s > ?::%s".formatted(key(), keyType()))
                + (bounds.through() == null ? "" : " AND %s <= ?::%s".formatted(key(), keyType()))
                + (bounds.after() == null && bounds.through() == null ? " AND %s IS NOT NULL".formatted(key()) : "");
    }

    private String output(String expression) {
        return columns.keyType() == KeyType.TEXT ? expression + "::text" : expression;
    }

    private String column(CatalogColumn column) {
        return Identifier.quote(table.name().table()) + "." + Identifier.quote(column.name());
    }

    /** A cast of text to text would cost nothing, yet char(n) loses its blanks by it, as comparisons ignore them. */
    private String text(CatalogColumn column) {
        return column(column) + "::text";
    }

    private static String unlessTooLong(String value) {
        return "CASE WHEN " + FITS + " THEN " + value + " END";
    }
}
