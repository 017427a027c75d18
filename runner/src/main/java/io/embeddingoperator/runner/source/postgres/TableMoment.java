package io.embeddingoperator.runner.source.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server says of a table before a run reads its first row: which transactions it may not see, and what their rows have in
 * common.
 *
 * <p>The run's pages see what is committed by then. What they may not see is of transactions in progress then, and of later ones.
 * The rows of these have, in the column of changes, the transaction's number, which is not below the snapshot's xmin, or an
 * instant, which is not before the oldest of these transactions began. A transaction counts from its beginning, whether or not
 * it has written: it may still. How long ago one began that is prepared for a two-phase commit is not known; it was no
 * longer ago than the watermark before it, which therefore stays.
 *
 * @param server in its present life
 * @param table as {@link TableWatermark#table}
 * @param since the least value in rows that are not committed yet; empty where the server does not tell
 * @param untold why it does not, as a clause of a sentence
 * @param prepared transactions that are prepared and not over, as far as they matter
 */
record TableMoment(String server, String table, Optional<String> since, Optional<String> untold, int prepared) {
    /** The checkpointer begins anew when the server recovers from a crash, which leaves the postmaster as it was. */
    private static final String SERVER = """
            SELECT concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()),
              (SELECT max(extract(epoch FROM backend_start)) FROM pg_stat_activity WHERE backend_type = 'checkpointer'),
              (SELECT oid FROM pg_database WHERE datname = current_database()))""";

    private static final String TREE = """
            WITH RECURSIVE tree(oid) AS (
              SELECT ?::oid UNION ALL SELECT h.inhrelid FROM pg_inherits h JOIN tree ON h.inhparent = tree.oid)
            """;

    TableMoment {
        Objects.requireNonNull(server, "server");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(untold, "untold");
    }

    /**
     * Asks the server. What is read afterwards, in other transactions, sees all that was committed by then.
     *
     * @param overlap how much older an instant may be than the transaction that writes it
     */
    static TableMoment of(Connection connection, CatalogTable table, ChangeColumn column, Duration overlap)
            throws SQLException {
        Optional<String> untold = untold(connection, table, column);
        // In this order: a transaction that is prepared in between is seen at least once.
        Optional<String> since =
                untold.isPresent() ? Optional.empty() : Optional.of(since(connection, column, overlap));
        return new TableMoment(
                text(connection, SERVER), identity(connection, table), since, untold, prepared(connection, column));
    }

    /** From where the next run reads on. */
    Optional<TableWatermark> watermark(Optional<TableWatermark> before) {
        if (prepared > 0) {
            return before.filter(_ -> since.isPresent());
        }
        return since.map(value -> new TableWatermark(server, table, value));
    }

    private static String identity(Connection connection, CatalogTable table) throws SQLException {
        String sql = TREE + """
                SELECT md5(concat(
                  (SELECT string_agg(concat_ws(':', c.oid, c.relfilenode), ' ' ORDER BY c.oid) FROM tree JOIN pg_class c USING (oid)),
                  (SELECT string_agg(concat_ws(':', attname, attnum, atttypid, atttypmod), ' ' ORDER BY attnum) FROM pg_attribute
                   WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped)))""";
        return text(connection, sql, table.oid(), table.oid());
    }

    /** Empty where the server tells all that is needed. */
    private static Optional<String> untold(Connection connection, CatalogTable table, ChangeColumn column)
            throws SQLException {
        String sql = TREE
                + """
                SELECT CASE
                  WHEN pg_is_in_recovery()
                    THEN 'the server is a standby, which does not know when the transactions of its primary began: name the primary'
                  WHEN row_security_active(?::oid)
                    THEN 'a policy hides rows from the role, and others may come into sight without a change: let it read all of them'
                  WHEN EXISTS (SELECT FROM pg_class JOIN tree USING (oid) WHERE relkind = 'f')
                    THEN 'a partition is a foreign table, whose transactions are those of another server'
                  WHEN EXISTS (SELECT FROM pg_subscription_rel JOIN tree ON srrelid = oid)
                    THEN 'a subscription fills the table, with values that another server has written before: name the publisher'
                  %s END""".formatted(
                                column.type() == ChangeColumn.Type.XID8
                                        ? ""
                                        : """
                  WHEN NOT pg_has_role('pg_read_all_stats', 'USAGE')
                    THEN 'the role may not see when transactions of other roles began: GRANT pg_read_all_stats TO %s'
                """.formatted(text(connection, "SELECT quote_ident(current_user)")
                                                .replace("'", "''")));
        return Optional.ofNullable(nullable(connection, sql, table.oid(), table.oid()));
    }

    private static String since(Connection connection, ChangeColumn column, Duration overlap) throws SQLException {
        return switch (column.type()) {
            case XID8 -> text(connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())");
            // Vacuuming moves no row's values.
            case TIMESTAMPTZ, TIMESTAMP -> text(connection, """
                    SELECT to_char((least(statement_timestamp(), min(xact_start)) - interval '%d seconds') AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                    FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
                    """.formatted(overlap.toSeconds()));
        };
    }

    /** A snapshot knows them by their numbers. */
    private static int prepared(Connection connection, ChangeColumn column) throws SQLException {
        return column.type() == ChangeColumn.Type.XID8
                ? 0
                : Integer.parseInt(
                        text(connection, "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()"));
    }

    private static String text(Connection connection, String sql, long... oids) throws SQLException {
        return Objects.requireNonNull(nullable(connection, sql, oids), sql);
    }

    private static @Nullable String nullable(Connection connection, String sql, long... oids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < oids.length; i++) {
                statement.setLong(i + 1, oids[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
