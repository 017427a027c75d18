package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.Pgvector;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HNSW index over the embeddings. It is known by what it indexes and how, not by its name, so that one that a
 * person made serves as well.
 */
public final class HnswIndex {
    private static final Logger log = LoggerFactory.getLogger(HnswIndex.class);

    private final TableName table;
    private final VectorType vectorType;
    private final IndexSpec spec;
    private final Pgvector pgvector;

    public HnswIndex(TableName table, VectorType vectorType, IndexSpec spec, Pgvector pgvector) {
        this.table = table;
        this.vectorType = vectorType;
        this.spec = spec;
        this.pgvector = pgvector;
    }

    private record Found(String name, boolean valid) {}

    /** Whether a valid index serves the column and the metric. */
    public boolean exists(Connection connection) throws SQLException {
        return find(connection).stream().anyMatch(Found::valid);
    }

    /**
     * Builds the index without locking out readers and writers, unless it exists; what a crashed build left is removed
     * first. The caller holds the lock that keeps others from building it, and no transaction.
     */
    public Void build(Connection connection) throws SQLException {
        if (exists(connection)) {
            return null;
        }
        try (Statement statement = connection.createStatement()) {
            for (Found leftover : find(connection)) {
                statement.execute(
                        "DROP INDEX CONCURRENTLY %s".formatted(new TableName(table.schema(), leftover.name()).sql()));
            }
            if (!pgvector.mayBuildInParallel()) {
                log.info(
                        "pgvector {} may crash when it builds an HNSW index in parallel (mended in 0.8.2): one "
                                + "worker builds",
                        pgvector.version());
                statement.execute("SET max_parallel_maintenance_workers = 0");
            }
            noticeLostClient(statement);
            BuildMemory.raise(connection, table, spec.m());
            try {
                statement.execute(definition(connection));
            } finally {
                resetQuietly(statement);
            }
        }
        return null;
    }

    /** A partitioned table's index cannot be built concurrently. */
    private String definition(Connection connection) throws SQLException {
        boolean partitioned = PresentTable.find(connection, table)
                .map(PresentTable::isPartitioned)
                .orElse(false);
        return "CREATE INDEX %s%s ON %s USING hnsw (%s %s.%s) WITH (m = %d, ef_construction = %d)"
                .formatted(
                        partitioned ? "" : "CONCURRENTLY ",
                        Identifier.quote(name()),
                        table.sql(),
                        EmbeddingTable.EMBEDDING,
                        Identifier.quote(pgvector.schema()),
                        operatorClass(),
                        spec.m(),
                        spec.efConstruction());
    }

    /** Of the metric that the manifest names, or the model's files. */
    private String operatorClass() {
        return Pgvector.operatorClass(vectorType, Objects.requireNonNull(spec.metric(), "metric"));
    }

    /** The table's name and the metric's, the former shortened when both are too long. */
    String name() {
        return Identifier.withSuffix(table.table(), "_" + operatorClass().replaceFirst("_ops$", "_hnsw"));
    }

    private List<Found> find(Connection connection) throws SQLException {
        String sql = """
                SELECT c.relname, i.indisvalid
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_am m ON m.oid = c.relam
                JOIN pg_opclass o ON o.oid = i.indclass[0]
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = to_regclass(?) AND m.amname = 'hnsw' AND o.opcname = ?
                  AND a.attname = ? AND i.indpred IS NULL
                """;
        List<Found> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table.sql());
            statement.setString(2, operatorClass());
            statement.setString(3, EmbeddingTable.EMBEDDING);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Found(row.getString(1), row.getBoolean(2)));
                }
            }
        }
        return found;
    }

    /**
     * A build whose process is gone would hold the lock to its end. Some systems cannot tell, and refuse the setting.
     */
    private static void noticeLostClient(Statement statement) {
        try {
            statement.execute("SET client_connection_check_interval = '5s'");
        } catch (SQLException e) {
            log.debug("The server cannot notice lost clients", e);
        }
    }

    /** The connection goes back to a pool. */
    private static void resetQuietly(Statement statement) {
        try {
            statement.execute("RESET max_parallel_maintenance_workers; RESET maintenance_work_mem;"
                    + " RESET client_connection_check_interval");
        } catch (SQLException e) {
            log.debug("The session that built an index is gone", e);
        }
    }
}
