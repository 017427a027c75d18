package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.SearchHit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the chunks that are nearest to a vector, by the operator that the index serves. */
public final class NearestRows {
    /** pgvector's hnsw.ef_search: how many candidates an index scan keeps, and so the most that it returns. */
    private static final int DEFAULT_CANDIDATES = 40;

    private static final int MAX_CANDIDATES = 1000;

    /** Behind distance, key, chunk and content. */
    private static final int FIRST_METADATA = 5;

    private final TableName name;
    private final VectorType vectorType;
    private final DistanceMetric metric;

    public NearestRows(TableName name, VectorType vectorType, DistanceMetric metric) {
        this.name = name;
        this.vectorType = vectorType;
        this.metric = metric;
    }

    /** The nearest first. Runs in a transaction of its own. */
    public List<SearchHit> find(Connection connection, float[] query, int limit) throws SQLException {
        PresentTable table = PresentTable.find(connection, name)
                .orElseThrow(() -> new SpecificationException(
                        "spec.sink.pgvector.table is %s, which does not exist yet: run the job first".formatted(name)));
        Pgvector pgvector = Server.of(connection)
                .installed()
                .orElseThrow(() -> new SpecificationException(
                        "The sink database has no pgvector: run the job first, or correct the URI"));
        checkDimensions(table, query.length);
        widenSearch(connection, limit);
        String distance = "embedding %s ?::%s"
                .formatted(pgvector.operator(metric), pgvector.columnType(vectorType, query.length));
        String key = keyColumn(table);
        List<String> metadata = table.columns().keySet().stream()
                .filter(column -> !column.equals(key) && !EmbeddingTable.isOwn(column))
                .toList();
        String sql = "SELECT %s AS distance, %s::text, chunk, content%s FROM %s ORDER BY %s LIMIT ?"
                .formatted(
                        distance,
                        Identifier.quote(key),
                        metadata.stream()
                                .map(column -> ", " + Identifier.quote(column) + "::text")
                                .collect(Collectors.joining()),
                        table.name().sql(),
                        distance);
        List<SearchHit> hits = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, Arrays.toString(query));
            statement.setString(2, Arrays.toString(query));
            statement.setInt(3, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    hits.add(new SearchHit(
                            row.getDouble(1),
                            row.getString(2),
                            row.getInt(3),
                            row.getString(4),
                            metadata(row, metadata)));
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

    private static void widenSearch(Connection connection, int limit) throws SQLException {
        if (limit > DEFAULT_CANDIDATES) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET LOCAL hnsw.ef_search = " + Math.min(limit, MAX_CANDIDATES));
            }
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

    /** The other half of the unique key (key, chunk). */
    private static String keyColumn(PresentTable table) {
        return table.uniqueKeys().stream()
                .filter(columns -> columns.size() == 2 && columns.contains(EmbeddingTable.CHUNK))
                .flatMap(Set::stream)
                .filter(column -> !column.equals(EmbeddingTable.CHUNK))
                .findFirst()
                .orElseThrow(() -> new SpecificationException(
                        ("spec.sink.pgvector.table is %s, which has no unique index on a key and chunk: run the "
                                        + "job first")
                                .formatted(table.name())));
    }
}
