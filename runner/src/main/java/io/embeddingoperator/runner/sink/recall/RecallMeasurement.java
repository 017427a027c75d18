package io.embeddingoperator.runner.sink.recall;

import com.pgvector.PGvector;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.sink.database.LocalTransaction;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.run.IndexRecall.Found;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGStatement;
import org.postgresql.util.PGobject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the recall of a table's HNSW index: rows of the table are looked for as queries are, once by comparing every row and then
 * through the index, with more and more candidates until the target is reached. A row is never its own neighbour. Rows as far away
 * as the tenth count as found, whichever of them the index gives.
 */
public final class RecallMeasurement {
    private static final Logger LOG = LoggerFactory.getLogger(RecallMeasurement.class);

    /** Recall is told at ten, as everywhere. */
    static final int NEAREST = 10;

    /** A thousand neighbours: a share of 0.95 is then known to about 0.01. */
    static final int QUERIES = 100;

    /** Candidates that are tried beyond the server's own setting, up to pgvector's limit. */
    private static final List<Integer> EF_SEARCH = List.of(80, 160, 320, 640, 1000);

    private static final String USUAL_EF_SEARCH = "SELECT coalesce(current_setting('hnsw.ef_search', true)::int, 40)";

    /** Larger tables are sampled by whole blocks, of which about so many rows are drawn. */
    private static final int DRAWN = 20 * QUERIES;

    private static final String CANCELED = "57014";

    private final EmbeddingTable table;
    private final DistanceMetric metric;
    private final double target;
    private final Duration patience;

    /**
     * @param target the share of the nearest rows that is wanted, from 0 to 1
     * @param patience how long rows are compared at the most, and again how long the index is asked
     */
    public RecallMeasurement(EmbeddingTable table, DistanceMetric metric, double target, Duration patience) {
        this.table = table;
        this.metric = metric;
        this.target = target;
        this.patience = patience;
    }

    /** A row of the table that is looked for. */
    private record Query(String place, PGobject vector) {}

    /** What a search for it finds where all rows are compared: so many neighbours, at most ten, and how far the last one is. */
    private record Truth(Query query, int neighbours, double farthest) {}

    /** A row that a search gives. */
    private record Hit(String place, double distance) {}

    /**
     * Takes no longer than twice the patience. Where that is too short for all queries, fewer are made.
     *
     * @return empty where the table has too few rows, or is too large for even one comparison in that time
     */
    public Optional<IndexRecall> measure(Connection connection) throws SQLException {
        List<Truth> truths = LocalTransaction.of(connection, this::compareAll);
        return truths.isEmpty()
                ? Optional.empty()
                : Optional.of(LocalTransaction.of(connection, session -> throughIndex(session, truths)));
    }

    private List<Truth> compareAll(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        set(connection, "enable_indexscan = off");
        set(connection, "enable_indexonlyscan = off");
        List<Truth> truths = new ArrayList<>();
        try {
            for (Query query : draw(connection, deadline)) {
                giveTime(connection, deadline);
                List<Hit> nearest = search(connection, query);
                if (!nearest.isEmpty()) {
                    truths.add(
                            new Truth(query, nearest.size(), nearest.getLast().distance()));
                }
            }
        } catch (SQLException e) {
            if (!SqlFailure.state(e).equals(CANCELED)) {
                throw e;
            }
            connection.rollback();
            if (truths.isEmpty()) {
                LOG.info(
                        "The recall of the index over {} is not measured: to compare all rows with one takes more than {} s",
                        table.name(),
                        patience.toSeconds());
            }
        }
        return truths;
    }

    /** Vectors without a direction have no neighbours under some metrics, and no index holds them. */
    private List<Query> draw(Connection connection, long deadline) throws SQLException {
        String sql = """
                SELECT tableoid || ' ' || ctid, %1$s::text FROM %2$s %3$s
                WHERE %1$s %4$s %1$s < 0 ORDER BY random() LIMIT %5$d""".formatted(
                        EmbeddingTable.EMBEDDING,
                        table.name().sql(),
                        sampling(connection),
                        table.pgvector().operator(DistanceMetric.InnerProduct),
                        QUERIES);
        giveTime(connection, deadline);
        List<Query> drawn = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                float[] vector = new PGvector(row.getString(2)).toArray();
                drawn.add(new Query(row.getString(1), table.pgvector().parameter(table.vectorType(), vector)));
            }
        }
        return drawn;
    }

    private String sampling(Connection connection) throws SQLException {
        String sql = """
                SELECT sum(greatest(c.reltuples, 0)) FROM pg_partition_tree(to_regclass(?)) t JOIN pg_class c ON c.oid = t.relid
                WHERE t.isleaf""";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.name().sql());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                double rows = row.getDouble(1);
                return rows <= 10.0 * DRAWN ? "" : "TABLESAMPLE SYSTEM (%s)".formatted(100 * DRAWN / rows);
            }
        }
    }

    private IndexRecall throughIndex(Connection connection, List<Truth> truths) throws SQLException {
        // The planner compares all rows of a small table; what the index finds is the question here.
        set(connection, "enable_seqscan = off");
        long deadline = System.nanoTime() + patience.toNanos();
        Instant now;
        int usualEfSearch;
        try (Statement statement = connection.createStatement()) {
            // Any use of the extension makes its settings known to the session.
            search(connection, truths.getFirst().query());
            try (ResultSet row = statement.executeQuery(USUAL_EF_SEARCH)) {
                row.next();
                usualEfSearch = row.getInt(1);
            }
            try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
                row.next();
                now = row.getObject(1, OffsetDateTime.class).toInstant();
            }
        }
        Found usual = new Found(usualEfSearch, share(connection, truths));
        Found best = usual;
        for (int efSearch : EF_SEARCH) {
            if (best.reaches(target) || System.nanoTime() > deadline) {
                break;
            }
            if (efSearch > usualEfSearch) {
                set(connection, "hnsw.ef_search = " + efSearch);
                best = new Found(efSearch, share(connection, truths));
            }
        }
        return new IndexRecall(usual, best, target, truths.size(), now);
    }

    private double share(Connection connection, List<Truth> truths) throws SQLException {
        long found = 0;
        for (Truth truth : truths) {
            found += search(connection, truth.query()).stream()
                    .filter(hit -> hit.distance() <= truth.farthest())
                    .count();
        }
        return (double) found / truths.stream().mapToInt(Truth::neighbours).sum();
    }

    /** The nearest other rows, at most ten. */
    private List<Hit> search(Connection connection, Query query) throws SQLException {
        String sql = "SELECT tableoid || ' ' || ctid, %1$s %2$s ? FROM %3$s ORDER BY %1$s %2$s ? LIMIT %4$d"
                .formatted(
                        EmbeddingTable.EMBEDDING,
                        table.pgvector().operator(metric),
                        table.name().sql(),
                        NEAREST + 1);
        List<Hit> hits = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            // A plan that the server kept would outlive the settings under which it was made.
            statement.unwrap(PGStatement.class).setPrepareThreshold(0);
            statement.setObject(1, query.vector());
            statement.setObject(2, query.vector());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    hits.add(new Hit(row.getString(1), row.getDouble(2)));
                }
            }
        }
        return hits.stream()
                .filter(hit -> !hit.place().equals(query.place()))
                .limit(NEAREST)
                .toList();
    }

    private static void giveTime(Connection connection, long deadline) throws SQLException {
        long millis = Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis());
        set(connection, "statement_timeout = " + millis);
    }

    private static void set(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL " + setting);
        }
    }
}
