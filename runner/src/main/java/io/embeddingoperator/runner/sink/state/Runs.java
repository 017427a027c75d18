package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.failure.RunLostException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.ShardState;
import io.embeddingoperator.runner.sink.table.GenerationNames;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Watermark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table embedding_operator.runs: which pass over a source is open, and what it consists of. */
public final class Runs {
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

    /** The id of no run. */
    public static final long NONE = -1;

    /** The state of a statement that only a primary server takes. */
    private static final String STANDBY = "25006";
    /** A condition on the runs into a table, and of a job: the first parameter, and its namespace and name as the second. */
    static final String OF_JOB = "sink_table = ? AND split_part(job, '@', 1) = ?";

    static final String OPEN = "completed_at IS NULL AND replaced_at IS NULL";

    private Runs() {}

    /**
     * A row of the table, as far as the choice depends on it.
     *
     * @param recipe null where the runner that planned it kept none
     * @param held whether the run ended without the removal that it was to make
     * @param outdated whether its plan leaves files out whose rows are gone
     */
    private record Stored(
            long id,
            String specification,
            String recipe,
            boolean complete,
            boolean replaced,
            boolean held,
            boolean outdated) {
        boolean isOpen(RunRequest request) {
            return !complete && !replaced && specification.equals(request.specification());
        }

        /** What a model on a server or a volume consists of may change while its name stays. */
        boolean isOfOtherFiles(RunRequest request) {
            return recipe != null && !recipe.equals(request.recipe());
        }
    }

    /** An unfinished run in whose place another one comes; its recipe may be null. */
    private record Replaced(long id, String recipe) {}

    /**
     * Finds the run to work on, or plans and stores a new one. The caller holds the lock of the job and its table.
     *
     * @param name of the table that the run fills: the live one, or the next one
     * @param generations of the live table
     * @param owner whose mark the rows of the run bear; empty where the table has no column for it
     */
    public static Run open(
            Connection connection,
            RunRequest request,
            TableName name,
            GenerationNames generations,
            OptionalInt owner,
            Function<Optional<Watermark>, Plan> planner)
            throws SQLException {
        String table = name.toString();
        Optional<Stored> latest = latest(connection, request, table);
        if (latest.isPresent() && latest.get().isOpen(request)) {
            RunModels.check(connection, latest.get().id(), request);
        }
        if (latest.isPresent() && !latest.get().outdated() && continues(request, latest.get())) {
            return load(connection, request.job(), request.run(), latest.get().id(), request.shard());
        }
        Optional<String> reading = Optional.empty();
        Optional<Watermark> since = Optional.empty();
        Optional<String> ofRows = request.readingOf(Reading.Of.ROWS);
        if (ofRows.isPresent()) {
            String here = Watermarks.reading(connection, ofRows.get(), name, owner);
            reading = Optional.of(here);
            since = Watermarks.last(connection, request, name, owner, here);
        }
        Plan plan = planner.apply(since);
        connection.setAutoCommit(false);
        if (owner.isPresent() && !TableOwners.keep(connection, owner.getAsInt())) {
            throw new UnavailableException(
                    "another job took the table %s over while this one began: it is tried again".formatted(table));
        }
        List<Replaced> replaced = replaceOpenRuns(connection, request, generations);
        checkTable(connection, name, request);
        Run run = store(connection, request, table, plan);
        if (reading.isPresent()) {
            Watermarks.note(connection, run.id(), reading.get(), plan.source());
        }
        if (request.modelCommit().isPresent()) {
            RunModels.note(connection, run.id(), request.modelCommit().get());
        }
        if (owner.isPresent()) {
            TableOwners.mark(connection, run.id(), owner.getAsInt());
        }
        for (Replaced before : replaced) {
            Adoption.adopt(
                    connection,
                    before.id(),
                    run.id(),
                    plan.ranges().size(),
                    request.recipe().equals(before.recipe()));
        }
        connection.commit();
        connection.setAutoCommit(true);
        return run;
    }

    /**
     * The run as it stands on the primary server. Its row is read before its shards: a mark that is seen is then never older than
     * what is seen of them.
     *
     * @throws RunLostException when the server does not know this very run
     * @throws SQLException also when the server is a standby, which may be behind
     */
    public static RunState state(Connection connection, Run run) throws SQLException {
        String sql = "SELECT orphans_deleted, completed_at IS NOT NULL, clock_timestamp(), pg_is_in_recovery()"
                + " FROM embedding_operator.runs WHERE run_id = ? AND started_at = ? AND job = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setObject(2, run.startedAt().atOffset(ZoneOffset.UTC));
            statement.setString(3, run.job());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new RunLostException(run.id());
                }
                if (row.getBoolean(4)) {
                    throw new SQLException("this server is a standby, which may be behind its primary", STANDBY);
                }
                return new RunState(shards(connection, run.id()), row.getLong(1), row.getBoolean(2), instant(row, 3));
            }
        }
    }

    private static List<ShardState> shards(Connection connection, long run) throws SQLException {
        List<ShardState> shards = new ArrayList<>();
        String shardsOfRun = "SELECT shard, planned_work, completed_at IS NOT NULL AS complete, "
                + StoredCounters.COLUMNS + " FROM embedding_operator.shards WHERE run_id = ? ORDER BY shard";
        try (PreparedStatement statement = connection.prepareStatement(shardsOfRun)) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    shards.add(new ShardState(
                            row.getInt("shard"),
                            row.getLong("planned_work"),
                            StoredCounters.read(row),
                            row.getBoolean("complete")));
                }
            }
        }
        return shards;
    }

    /** The jobs, each by namespace and name, that have written to a table; none where there are no tables of runs. */
    public static List<String> jobs(Connection connection, String table) throws SQLException {
        List<String> jobs = new ArrayList<>();
        if (!StateSchema.hasRuns(connection)) {
            return jobs;
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT DISTINCT split_part(job, '@', 1) FROM embedding_operator.runs"
                        + " WHERE sink_table = ? ORDER BY 1")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    jobs.add(row.getString(1));
                }
            }
        }
        return jobs;
    }

    /** Ends the open runs of other jobs into a table: runners that still work on them can commit no more. */
    static void shutOutOthers(Connection connection, String table, String job) throws SQLException {
        shutOut(connection, table, "split_part(job, '@', 1) <> ?", job);
    }

    /** Ends the open runs into a table, of all jobs, but for one; {@link #NONE} for all of them. */
    public static void shutOut(Connection connection, TableName table, long exceptRun) throws SQLException {
        shutOut(connection, table.toString(), "run_id <> ?", exceptRun);
    }

    /** Ends the open runs into a table that leave out what it had: it has that no more. */
    static void shutOutThoseOfChanges(Connection connection, String table) throws SQLException {
        shutOut(
                connection,
                table,
                "run_id IN (SELECT run_id FROM embedding_operator.watermarks WHERE of_changes = ?)",
                true);
    }

    private static void shutOut(Connection connection, String table, String condition, Object value)
            throws SQLException {
        String sql = """
                WITH replaced AS (
                  UPDATE embedding_operator.runs SET replaced_at = now()
                  WHERE sink_table = ? AND %s AND %s RETURNING run_id)
                UPDATE embedding_operator.shards s SET epoch = %s FROM replaced r WHERE s.run_id = r.run_id
                """.formatted(condition, OPEN, Shards.NEW_EPOCH);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            statement.setObject(2, value);
            statement.executeUpdate();
        }
    }

    /** Whether a run fills, or filled, the table of that name. */
    public static boolean isInto(Connection connection, long run, TableName table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT FROM embedding_operator.runs WHERE run_id = ? AND sink_table = ?")) {
            statement.setLong(1, run);
            statement.setString(2, table.toString());
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * How many documents a job had in a table when its last run that came to its end before this one did so; empty when there
     * was none.
     */
    public static OptionalLong documentsBefore(Connection connection, String table, String job, long run)
            throws SQLException {
        String sql = """
                SELECT (SELECT sum(embedded + skipped) FROM embedding_operator.shards s WHERE s.run_id = r.run_id)
                FROM embedding_operator.runs r
                WHERE %s AND run_id < ? AND completed_at IS NOT NULL ORDER BY run_id DESC LIMIT 1
                """.formatted(OF_JOB);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            statement.setString(2, job);
            statement.setLong(3, run);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    /** Marks the run complete, and forgets the keys that it read: they served to tell duplicates and orphans. */
    public static void complete(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE embedding_operator.runs SET completed_at = now() WHERE run_id = ? AND completed_at IS NULL")) {
            statement.setLong(1, run);
            statement.executeUpdate();
        }
        DocumentKeys.forget(connection, run);
        ReadFiles.forgetOthers(connection, run);
        Orphans.forget(connection, run);
        Adoption.close(connection, run);
    }

    /** What the run has cost so far, and its batches. */
    public static RunMoney money(Connection connection, long run) throws SQLException {
        return new RunMoney(
                Spendings.money(connection, run).spent(),
                EstimatedCosts.of(connection, run),
                Batches.counts(connection, run));
    }

    /** The runs of a job that have batches which are not over, with any table. */
    public static List<Run> withUnfinishedBatches(Connection connection, String job) throws SQLException {
        String sql = """
                SELECT run_id, run FROM embedding_operator.runs r
                WHERE job = ? AND EXISTS (SELECT FROM embedding_operator.batches b
                                          WHERE b.run_id = r.run_id AND NOT state = ANY (?))
                ORDER BY run_id
                """;
        List<Run> runs = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, job);
            statement.setArray(2, connection.createArrayOf("text", Batches.OVER));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    runs.add(load(connection, job, row.getInt(2), row.getLong(1), OptionalInt.empty()));
                }
            }
        }
        return runs;
    }

    public static void addOrphansDeleted(Connection connection, long run, long documents) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE embedding_operator.runs SET orphans_deleted = orphans_deleted + ? WHERE run_id = ?")) {
            statement.setLong(1, documents);
            statement.setLong(2, run);
            statement.executeUpdate();
        }
    }

    private static Optional<Stored> latest(Connection connection, RunRequest request, String table)
            throws SQLException {
        String sql =
                "SELECT run_id, specification, recipe, completed_at IS NOT NULL, replaced_at IS NOT NULL, sentence IS NOT NULL,"
                        + " coalesce(outdated, false) AND completed_at IS NULL AND replaced_at IS NULL"
                        + " FROM embedding_operator.runs LEFT JOIN embedding_operator.held_removals USING (run_id)"
                        + " LEFT JOIN embedding_operator.file_readings USING (run_id)"
                        + " WHERE job = ? AND run = ? AND sink_table = ? ORDER BY run_id DESC LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, request.job());
            statement.setInt(2, request.run());
            statement.setString(3, table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Stored(
                                row.getLong(1),
                                row.getString(2),
                                row.getString(3),
                                row.getBoolean(4),
                                row.getBoolean(5),
                                row.getBoolean(6),
                                row.getBoolean(7)))
                        : Optional.empty();
            }
        }
    }

    private static boolean continues(RunRequest request, Stored stored) {
        boolean same = stored.specification().equals(request.specification());
        if (request.continueOnly()) {
            if (stored.replaced()) {
                throw new SpecificationException(("Run %d of %s was replaced by a newer run into the same table: "
                                + "change spec.runNonce to start another one.")
                        .formatted(request.run(), request.job()));
            }
            if (!same) {
                throw new SpecificationException(
                        ("Run %d of %s was started with another source, chunking, embedder, sink, "
                                        + "number of shards or runNonce: change spec.runNonce to start a new run with these.")
                                .formatted(request.run(), request.job()));
            }
            if (!stored.complete() && stored.isOfOtherFiles(request)) {
                throw otherFiles(request);
            }
            return true;
        }
        boolean changed = !same || stored.isOfOtherFiles(request);
        if (!stored.complete() && !stored.replaced() && changed) {
            LOG.info(
                    "The unfinished run {} of {} had another specification or model: a new pass starts, and documents "
                            + "that did not change are skipped.",
                    request.run(),
                    request.job());
        }
        return !changed && !stored.complete() && !stored.replaced() && !stored.held();
    }

    private static SpecificationException otherFiles(RunRequest request) {
        return new SpecificationException(
                ("Run %d of %s began with other files of its model, which have changed since on their server or volume:"
                                + " put those back, or change spec.runNonce to start a new run with these.")
                        .formatted(request.run(), request.job()));
    }

    /**
     * Refuses a process whose model is not the one that its run began with, into whichever table: it would be taken for a run that
     * changes the model.
     */
    public static void checkFiles(Connection connection, RunRequest request) throws SQLException {
        if (!request.continueOnly() || !mayReadRecipes(connection)) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT FROM embedding_operator.runs"
                + " WHERE job = ? AND run = ? AND specification = ? AND recipe <> ? AND " + OPEN)) {
            statement.setString(1, request.job());
            statement.setInt(2, request.run());
            statement.setString(3, request.specification());
            statement.setString(4, request.recipe());
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    throw otherFiles(request);
                }
            }
        }
    }

    /** What was found when the table was prepared may have changed since; the job's own open runs are shut out by now. */
    private static void checkTable(Connection connection, TableName table, RunRequest request) throws SQLException {
        if (PresentTable.find(connection, table).isEmpty()) {
            throw new UnavailableException(
                    "the table %s was dropped, or took another one's place, while this process began: it is tried again"
                            .formatted(table),
                    null);
        }
        Recipe wanted = Recipe.read(request.recipe());
        Optional<Recipe> other = VectorSpaces.otherThan(connection, table, wanted, request.jobName());
        if (other.isPresent()) {
            throw new SpecificationException(VectorSpaces.refusal(table, other.get(), wanted));
        }
    }

    /**
     * Raises the epochs of what is replaced: a process that still works on it can commit no more. A run into the live table and
     * one into the next one replace each other.
     */
    private static List<Replaced> replaceOpenRuns(
            Connection connection, RunRequest request, GenerationNames generations) throws SQLException {
        String sql = """
                WITH replaced AS (
                  UPDATE embedding_operator.runs SET replaced_at = now()
                  WHERE job = ? AND sink_table IN (?, ?) AND %s
                  RETURNING run_id, recipe),
                fenced AS (
                  UPDATE embedding_operator.shards s SET epoch = %s FROM replaced r WHERE s.run_id = r.run_id),
                forgotten AS (
                  DELETE FROM embedding_operator.document_keys k USING replaced r WHERE k.run_id = r.run_id),
                found AS (
                  DELETE FROM embedding_operator.orphans o USING replaced r WHERE o.run_id = r.run_id)
                SELECT run_id, recipe FROM replaced
                """.formatted(OPEN, Shards.NEW_EPOCH);
        List<Replaced> replaced = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, request.job());
            statement.setString(2, generations.live().toString());
            statement.setString(3, generations.next().toString());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    replaced.add(new Replaced(row.getLong(1), row.getString(2)));
                }
            }
        }
        return replaced;
    }

    /**
     * The recipe of the newest run into a table.
     *
     * @return empty where there was none, or where the role may not read it
     */
    public static Optional<String> recipe(Connection connection, String table) throws SQLException {
        if (!mayReadRecipes(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT recipe FROM embedding_operator.runs WHERE sink_table = ? AND recipe IS NOT NULL"
                        + " ORDER BY run_id DESC LIMIT 1")) {
            statement.setString(1, table);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** A role that only searches needs no more than the table. */
    private static boolean mayReadRecipes(Connection connection) throws SQLException {
        String sql = """
                SELECT FROM pg_namespace n
                JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'runs'
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'recipe'
                WHERE n.nspname = 'embedding_operator'
                  AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    /** What the plan leaves out was skipped before the first shard begins; rows are a part of its work. */
    private static Run store(Connection connection, RunRequest request, String table, Plan plan) throws SQLException {
        long id;
        Instant startedAt;
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.runs (job, run, sink_table, specification, recipe)"
                        + " VALUES (?, ?, ?, ?, ?) RETURNING run_id, started_at")) {
            statement.setString(1, request.job());
            statement.setInt(2, request.run());
            statement.setString(3, table);
            statement.setString(4, request.specification());
            statement.setString(5, request.recipe());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                id = row.getLong(1);
                startedAt = instant(row, 2);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.shards (run_id, shard, definition, planned_work, work, skipped)"
                        + " VALUES (?, ?, ?, ?, ?, ?)")) {
            for (ShardRange range : plan.ranges()) {
                boolean first = range.shard() == 0;
                statement.setLong(1, id);
                statement.setInt(2, range.shard());
                statement.setString(3, range.definition());
                statement.setLong(4, range.work());
                statement.setLong(5, first ? plan.source().unread() : 0);
                statement.setLong(6, first ? plan.skipped() : 0);
                statement.addBatch();
            }
            statement.executeBatch();
        }
        Optional<String> ofFiles = request.readingOf(Reading.Of.FILES);
        if (ofFiles.isPresent()) {
            FileReadings.note(connection, id, ofFiles.get());
        }
        ReadFiles.handOver(connection, id, plan.kept());
        return new Run(
                id,
                startedAt,
                request.job(),
                request.run(),
                plan.ranges().stream().map(request::needed).toList(),
                false);
    }

    /** @param only the shard whose definition is read; empty for all */
    private static Run load(Connection connection, String job, int number, long id, OptionalInt only)
            throws SQLException {
        List<ShardRange> ranges = new ArrayList<>();
        Instant startedAt = null;
        boolean resumed = false;
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT shard, CASE WHEN ? OR shard = ? THEN definition ELSE '' END, planned_work, epoch, started_at"
                        + " FROM embedding_operator.shards"
                        + " JOIN embedding_operator.runs USING (run_id) WHERE run_id = ? ORDER BY shard")) {
            statement.setBoolean(1, only.isEmpty());
            statement.setInt(2, only.orElse(0));
            statement.setLong(3, id);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ranges.add(new ShardRange(row.getInt(1), row.getString(2), row.getLong(3)));
                    resumed |= row.getLong(4) > 0;
                    startedAt = instant(row, 5);
                }
            }
        }
        return new Run(id, Objects.requireNonNull(startedAt, "startedAt"), job, number, ranges, resumed);
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
