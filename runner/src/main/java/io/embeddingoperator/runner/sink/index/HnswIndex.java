package io.embeddingoperator.runner.sink.index;

import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.Pgvector;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HNSW index over the embeddings. */
public final class HnswIndex {
    private static final Logger log = LoggerFactory.getLogger(HnswIndex.class);

    private final TableName table;
    private final IndexSpec spec;
    private final Pgvector pgvector;
    private final String operatorClass;
    private final ColumnIndex index;

    public HnswIndex(TableName table, VectorType vectorType, IndexSpec spec, Pgvector pgvector) {
        this.table = table;
        this.spec = spec;
        this.pgvector = pgvector;
        // Of the metric that the manifest names, or the model's files.
        this.operatorClass = Pgvector.operatorClass(vectorType, Objects.requireNonNull(spec.metric(), "metric"));
        this.index = new ColumnIndex(table, "hnsw", EmbeddingTable.EMBEDDING, operatorClass);
    }

    /** Whether a valid index serves the column and the metric. */
    public boolean exists(Connection connection) throws SQLException {
        return index.exists(connection);
    }

    /**
     * Builds the index without locking out readers and writers, unless it exists; what a crashed build left is removed
     * first. The caller holds the lock that keeps others from building it, and no transaction.
     *
     * @return whether there was none
     */
    public boolean build(Connection connection) throws SQLException {
        if (exists(connection)) {
            return false;
        }
        index.dropInvalid(connection);
        try (Statement statement = connection.createStatement()) {
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
                index.create(
                        connection,
                        pgvector.schema(),
                        "_" + operatorClass.replaceFirst("_ops$", "_hnsw"),
                        "WITH (m = %d, ef_construction = %d)".formatted(spec.m(), spec.efConstruction()));
            } finally {
                resetQuietly(statement);
            }
        }
        return true;
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
