package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.Watermark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table embedding_operator.watermarks: from where the run after a run reads its source on. A watermark is written with the plan
 * of its run, and counts from the transaction that marks this run as complete: the vectors of all that it covers are there then.
 *
 * <p>A later run may leave out what has not changed only where the table still has what that run has put there. So nothing else may
 * have written the job's rows since, and the later run must make the same of each document.
 */
public final class Watermarks {
    private static final Logger LOG = LoggerFactory.getLogger(Watermarks.class);

    private Watermarks() {}

    /**
     * What a run makes of which documents, and in which table. Any other table under the same name is another one, and so is one that
     * was emptied. One that a crash of the server would empty without a trace is never the same.
     *
     * @param owner whose mark the rows bear
     */
    static String reading(Connection connection, String manifest, TableName table, OptionalInt owner)
            throws SQLException {
        String sql = """
                SELECT concat_ws(' ', ?::text, ?::text, string_agg(concat_ws(':', c.oid, c.relfilenode,
                  CASE WHEN c.relpersistence = 'u' THEN gen_random_uuid() END), ' ' ORDER BY c.oid))
                FROM pg_class c WHERE c.oid = to_regclass(?)
                  OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)))""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, manifest);
            statement.setString(2, owner.isPresent() ? Integer.toString(owner.getAsInt()) : null);
            statement.setString(3, table.sql());
            statement.setString(4, table.sql());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    /**
     * From where a new run reads on: behind the last complete run of the same reading, if only runs of this reading came after it.
     *
     * @param owner empty where rows bear no mark, so that another job's run may have changed them
     */
    static Optional<Watermark> last(
            Connection connection, RunRequest request, TableName table, OptionalInt owner, String reading)
            throws SQLException {
        String sql = """
                SELECT split_part(job, '@', 1) AS job, reading, watermark, r.completed_at IS NOT NULL AND ended AS complete, failed
                FROM embedding_operator.runs r LEFT JOIN embedding_operator.watermarks USING (run_id)
                  CROSS JOIN LATERAL (SELECT bool_and(s.completed_at IS NOT NULL) AS ended, sum(s.failed) AS failed
                                      FROM embedding_operator.shards s WHERE s.run_id = r.run_id) shards
                WHERE sink_table = ? ORDER BY run_id DESC""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.toString());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean own = row.getString("job").equals(request.jobName());
                    if (!own && owner.isPresent()) {
                        continue;
                    }
                    if (!own || !reading.equals(row.getString("reading"))) {
                        return everything(
                                "the run before it had another manifest or model, or the table was made anew since");
                    }
                    if (row.getBoolean("complete")) {
                        return row.getLong("failed") > 0
                                ? everything("%,d documents failed in the last complete run"
                                        .formatted(row.getLong("failed")))
                                : Optional.ofNullable(row.getString("watermark"))
                                        .map(Watermark::new);
                    }
                }
            }
        }
        return everything("no run before it is complete");
    }

    private static Optional<Watermark> everything(String why) {
        LOG.info("This run reads every document: {}", why);
        return Optional.empty();
    }

    /** Whether a run leaves out what has not changed. */
    public static boolean isOfChanges(Connection connection, long run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT FROM embedding_operator.watermarks WHERE run_id = ? AND of_changes")) {
            statement.setLong(1, run);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Notes what the plan of a run says. */
    static void note(Connection connection, long run, String reading, SourcePlan plan) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO embedding_operator.watermarks (run_id, reading, watermark, of_changes) VALUES (?, ?, ?, ?)")) {
            statement.setLong(1, run);
            statement.setString(2, reading);
            statement.setObject(3, plan.watermark().map(Watermark::value).orElse(null), Types.VARCHAR);
            statement.setBoolean(4, plan.reading() instanceof SourcePlan.Changes);
            statement.executeUpdate();
        }
    }
}
