package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.runner.sink.table.RowOwner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table embedding_operator.table_owners: which jobs write to a table of vectors. A job is known by namespace and name: one
 * that is deleted and made again keeps its table.
 */
public final class TableOwners {
    private TableOwners() {}

    /** On what ground a job has a table from now on. */
    public enum Claim {
        /** It may write to the table as it is. */
        JOIN,
        /** It takes the table over with all its rows, and other owners are shut out. */
        ADOPT,
        /** It makes the table anew: what was recorded for one of the same name is void. */
        CREATE
    }

    /** A job that is recorded as an owner. */
    public record Owner(String job, TableOwnership ownership) {}

    /** The recorded owners of a table; none where the tables that record them are still to be made. */
    public static List<Owner> of(Connection connection, String table) throws SQLException {
        List<Owner> owners = new ArrayList<>();
        if (!StateSchema.hasOwners(connection)) {
            return owners;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT job, ownership FROM embedding_operator.table_owners WHERE sink_table = ? ORDER BY owner_id")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    owners.add(new Owner(row.getString(1), TableOwnership.valueOf(row.getString(2))));
                }
            }
        }
        return owners;
    }

    /**
     * The owner's row as it is to be from now on. The caller holds the lock under which tables are prepared, and has judged that
     * the claim holds.
     */
    public static RowOwner record(
            Connection connection, String table, String job, TableOwnership ownership, Claim claim)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            if (claim != Claim.JOIN) {
                shutOutOthers(connection, table, job);
            }
            insert(connection, table, job, ownership);
            switch (claim) {
                case JOIN -> extendToRunsWithoutMarks(connection, table, job);
                // After those who were shut out have committed their last windows: the transaction began before that.
                case ADOPT -> update(connection, table, job, "adopted_until = clock_timestamp()");
                case CREATE ->
                    update(
                            connection,
                            table,
                            job,
                            "owned_since = now(), adopted_until = NULL, unmarked_since = NULL, unmarked_until = NULL");
            }
            update(connection, table, job, "ownership = '%s'".formatted(ownership));
            RowOwner owner = read(connection, table, job, ownership == TableOwnership.Share);
            connection.commit();
            return owner;
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Notes whose mark the rows of a new run bear. */
    static void mark(Connection connection, long run, int owner) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.marked_runs (run_id, owner_id) VALUES (?, ?)")) {
            statement.setLong(1, run);
            statement.setInt(2, owner);
            statement.executeUpdate();
        }
    }

    /**
     * Whether the owner still has the table, which then stays so until the transaction ends: who takes it over afterwards finds
     * the run that the transaction stores, and shuts it out.
     */
    static boolean keep(Connection connection, int owner) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT FROM embedding_operator.table_owners WHERE owner_id = ? FOR KEY SHARE")) {
            statement.setInt(1, owner);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static void shutOutOthers(Connection connection, String table, String job) throws SQLException {
        execute(
                connection,
                "DELETE FROM embedding_operator.table_owners WHERE sink_table = ? AND job <> ?",
                table,
                job);
        Runs.shutOutOthers(connection, table, job);
    }

    private static void insert(Connection connection, String table, String job, TableOwnership ownership)
            throws SQLException {
        execute(
                connection,
                "INSERT INTO embedding_operator.table_owners (sink_table, job, ownership, owned_since)"
                        + " VALUES (?, ?, ?, now()) ON CONFLICT DO NOTHING",
                table,
                job,
                ownership.name());
    }

    private static void update(Connection connection, String table, String job, String assignment) throws SQLException {
        execute(
                connection,
                "UPDATE embedding_operator.table_owners SET %s WHERE sink_table = ? AND job = ?".formatted(assignment),
                table,
                job);
    }

    /**
     * Runners that knew no marks have worked for this job: before it was recorded, or since, after a newer runner had to be
     * given up.
     */
    private static void extendToRunsWithoutMarks(Connection connection, String table, String job) throws SQLException {
        String sql = """
                UPDATE embedding_operator.table_owners o SET
                  unmarked_since = least(o.unmarked_since, former.since),
                  unmarked_until = greatest(o.unmarked_until, former.until)
                FROM (SELECT min(started_at) AS since, max(coalesce(completed_at, replaced_at, now())) AS until
                      FROM embedding_operator.runs r
                      WHERE %s AND NOT EXISTS (
                        SELECT FROM embedding_operator.marked_runs m WHERE m.run_id = r.run_id)) former
                WHERE o.sink_table = ? AND o.job = ?
                """.formatted(Runs.OF_JOB);
        execute(connection, sql, table, job, table, job);
    }

    private static RowOwner read(Connection connection, String table, String job, boolean shares) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT owner_id, adopted_until, unmarked_since, unmarked_until FROM embedding_operator.table_owners"
                        + " WHERE sink_table = ? AND job = ?")) {
            statement.setString(1, table);
            statement.setString(2, job);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Optional<Instant> until = moment(row, 4);
                return new RowOwner(
                        row.getInt(1),
                        moment(row, 2),
                        moment(row, 3).flatMap(since -> until.map(end -> new RowOwner.Period(since, end))),
                        shares);
            }
        }
    }

    private static Optional<Instant> moment(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static void execute(Connection connection, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
