package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.postgres.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The SQL that reads documents. All comparisons of keys happen in the server, under each column's own collation; a bound
 * is a parameter.
 *
 * @param unique whether a key is known to stand in one row only
 * @param composite the key of several columns that the key's column is a part of
 * @param changes the only rows that are read; empty for all
 */
record TableQueries(
        CatalogTable table,
        DocumentColumns columns,
        Condition condition,
        boolean unique,
        Optional<CompositeKey> composite,
        Optional<ChangedSince> changes) {
    /** Result columns of a page, the last ones: before them are the key's, then texts, then metadata. */
    static final String BYTES = "bytes";

    static final String COPIES = "copies";

    private static final String FITS = "bytes <= " + Limits.MAX_DOCUMENT_BYTES + " AND copies = 1";

    /** The same for rows that changed. */
    TableQueries of(ChangedSince since) {
        return new TableQueries(table, columns, condition, unique, composite, Optional.of(since));
    }

    /** Prepares one of these texts. */
    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return condition.prepare(connection, sql);
    }

    /** What {@link #keys} names the key's columns. */
    String keyNames() {
        return eachOfKey((_, i) -> "k" + i);
    }

    /**
     * The same as {@link KeyColumns#read} reads them: char(n) loses its blanks, as comparisons ignore them. Their names differ, since
     * ORDER BY would take an output of the name for the column.
     */
    String keyTexts() {
        return eachOfKey((_, i) -> "k%1$d::text AS key%1$d".formatted(i));
    }

    /** The rows, each key of a repeated one once, as {@link #keyNames}. */
    String keys(String sample) {
        return "SELECT %s%s FROM %s%s WHERE %s AND %s"
                .formatted(unique ? "" : "DISTINCT ", namedKey(), table.name().sql(), sample, rows(), hasKey());
    }

    /** Counts the rows that {@link #keys} has. */
    String count() {
        return "SELECT count(*) FROM (%s) keys".formatted(keys(""));
    }

    /** The keys of documents, as the sink has them as texts. */
    String documentKeys() {
        int parts = columns.key().columns().size();
        String key = parts == 1
                ? "k0::text"
                : IntStream.range(0, parts)
                        .mapToObj("replace(replace(k%d::text, '~', '~0'), '/', '~1')"::formatted)
                        .collect(Collectors.joining(" || '/' || "));
        return "SELECT %s AS key FROM (%s) keys".formatted(key, keys(""));
    }

    /** Counts the rows without a key. */
    String countWithoutKey() {
        return "SELECT count(*) FROM %s WHERE %s AND NOT (%s)"
                .formatted(table.name().sql(), rows(), hasKey());
    }

    /**
     * The rows without a key after a place (two parameters: table and ctid), as table, ctid and the table's name.
     *
     * @param limit of rows
     */
    String withoutKey(int limit) {
        return """
                SELECT tableoid, ctid, tableoid::regclass::text AS name FROM %s WHERE %s AND NOT (%s) AND (tableoid, ctid) > (?::oid, ?::tid)
                ORDER BY tableoid, ctid LIMIT %d""".formatted(table.name().sql(), rows(), hasKey(), limit);
    }

    /** The first key of a range, alone. */
    String firstKey(KeyBounds bounds) {
        return "SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1"
                .formatted(eachOfKey((column, _) -> text(column)), table.name().sql(), where(bounds), key());
    }

    /**
     * The documents of a range by ascending key: so many rows at the most, and none after those that reach a window's
     * bytes. What is too long is not sent. The values of the bounds that are not null are parameters, in their order.
     */
    String page(KeyBounds bounds, int limit) {
        int texts = columns.texts().size();
        List<String> inner = new ArrayList<>(List.of(namedKey()));
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
        String once =
                unique ? "SELECT *, 1 AS copies FROM (%s) sized".formatted(sized) : """
                SELECT * FROM (SELECT *, count(*) OVER copies AS copies, row_number() OVER copies AS copy FROM (%s) sized
                  WINDOW copies AS (PARTITION BY %s)) counted WHERE copy = 1""".formatted(sized, keyNames());
        // As int: the server adds bigints as numerics, which takes longer than reading the rows.
        String sent = "SELECT *, CASE WHEN %s THEN bytes::int ELSE 0 END AS sent FROM (%s) once".formatted(FITS, once);
        String running = "SELECT *, sum(sent) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING) AS running FROM (%s) sent"
                .formatted(keyNames(), sent);
        return "SELECT %s, %s, bytes, copies FROM (%s) page WHERE running - sent < %d ORDER BY %s"
                .formatted(keyTexts(), String.join(", ", outer), running, Limits.MAX_WINDOW_BYTES, keyNames());
    }

    /** Several columns are compared as a row, which an index on them serves as one bound. */
    private String where(KeyBounds bounds) {
        String parameters = eachOfKey((column, _) -> "?::" + column.type());
        return rows()
                + (bounds.after() == null ? "" : " AND (%s) > (%s)".formatted(key(), parameters))
                + (bounds.through() == null ? "" : " AND (%s) <= (%s)".formatted(key(), parameters))
                // A row is beyond a bound as soon as its first values are, whether or not a later one is null.
                + " AND " + hasKey();
    }

    private String rows() {
        return condition.sql()
                + changes.map(since -> " AND " + since.sql(this::column)).orElse("");
    }

    /** The key's columns, safe from aliases of the same name. */
    private String key() {
        return eachOfKey((column, _) -> column(column));
    }

    private String namedKey() {
        return eachOfKey((column, i) -> "%s AS k%d".formatted(column(column), i));
    }

    private String hasKey() {
        return columns.key().columns().stream()
                .map(column -> column(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
    }

    private String eachOfKey(BiFunction<CatalogColumn, Integer, String> part) {
        List<CatalogColumn> key = columns.key().columns();
        return IntStream.range(0, key.size())
                .mapToObj(i -> part.apply(key.get(i), i))
                .collect(Collectors.joining(", "));
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
