package io.embeddingoperator.runner.sink.search;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.state.Recalls;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.Pgvector;
import io.embeddingoperator.runner.sink.table.PresentTable;
import io.embeddingoperator.runner.sink.table.Server;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the chunks that are nearest to a vector, by the operator that the index serves. */
public final class NearestRows {
    /** pgvector's hnsw.ef_search: how many candidates an index scan keeps before it goes on for more. */
    private static final int DEFAULT_CANDIDATES = 40;

    private static final int MAX_CANDIDATES = 1000;

    /** Behind distance, key, chunk and content. */
    private static final int FIRST_METADATA = 5;

    /** A condition leaves out rows that the index found: the scan goes on behind them, in the order of the distance. */
    private static final String SCAN_ON = "SET LOCAL hnsw.iterative_scan = strict_order";

    /** Rows are compared one by one, those alone that meet the conditions. */
    private static final String COMPARE_ALL = "SET LOCAL enable_indexscan = off";

    private final TableName name;
    private final VectorType vectorType;
    private final DistanceMetric metric;

    public NearestRows(TableName name, VectorType vectorType, DistanceMetric metric) {
        this.name = name;
        this.vectorType = vectorType;
        this.metric = metric;
    }

    /**
     * The nearest first, or with words those first whose places among the nearest rows and among those with the words are the best.
     * Runs in a transaction of its own.
     *
     * @param filters which all must hold
     */
    public List<SearchHit> find(
            Connection connection, float[] query, Optional<Words> words, List<SearchFilter> filters, int limit)
            throws SQLException {
        SearchedTable table = SearchedTable.find(connection, name, filters);
        Pgvector pgvector = Server.of(connection)
                .installed()
                .orElseThrow(() -> new SpecificationException(
                        "The sink database has no pgvector: run the job first, or correct the URI"));
        checkDimensions(table.present(), query.length);
        SearchStatement search = new SearchStatement(
                table, pgvector.operator(metric), pgvector.parameter(vectorType, query), words, limit);
        set(connection, SCAN_ON);
        int candidates = Math.max(
                search.nearestRows(),
                measuredCandidates(connection, table.present().name()));
        if (candidates > DEFAULT_CANDIDATES) {
            set(connection, "SET LOCAL hnsw.ef_search = " + Math.min(candidates, MAX_CANDIDATES));
        }
        List<SearchHit> hits = hits(connection, search);
        if (hits.size() < limit) {
            // The scan of an index has bounds; where it ends before the limit, only the table tells whether there is
            // more.
            set(connection, COMPARE_ALL);
            hits = hits(connection, search);
        }
        return hits;
    }

    /** What reached the target recall at the end of the newest run; 0 where that is not known. */
    private static int measuredCandidates(Connection connection, TableName table) throws SQLException {
        return Recalls.ofTable(connection, table)
                .map(recall -> recall.best().efSearch())
                .orElse(0);
    }

    private static List<SearchHit> hits(Connection connection, SearchStatement search) throws SQLException {
        List<SearchHit> hits = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(search.sql())) {
            search.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    hits.add(new SearchHit(
                            row.getDouble(1),
                            row.getString(2),
                            row.getInt(3),
                            row.getString(4),
                            metadata(row, search.table().metadata())));
                }
            }
        }
        return hits;
    }

    private static Map<String, String> metadata(ResultSet row, List<String> columns) throws SQLException {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            String value = row.getString(FIRST_METADATA + i);
            if (value != null) {
                metadata.put(columns.get(i), value);
            }
        }
        return metadata;
    }

    private static void set(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(setting);
        }
    }

    private void checkDimensions(PresentTable table, int dimensions) {
        PresentTable.PresentColumn embedding = table.columns().get(EmbeddingTable.EMBEDDING);
        String wanted = "%s(%d)".formatted(Pgvector.typeName(vectorType), dimensions);
        if (embedding == null || !embedding.type().equals(wanted)) {
            throw new SpecificationException(
                    ("spec.sink.pgvector.table is %s, whose column embedding is %s, and the query's vector is "
                                    + "%s: use the embedder and the vectorType that filled the table")
                            .formatted(table.name(), embedding == null ? "missing" : embedding.type(), wanted));
        }
    }
}
