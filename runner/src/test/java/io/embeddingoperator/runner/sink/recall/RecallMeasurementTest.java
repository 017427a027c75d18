package io.embeddingoperator.runner.sink.recall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.run.IndexRecall;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.Server;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecallMeasurementTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Vectors without neighbourhoods, in which a graph of few links gets lost. */
    private static final int DIMENSIONS = 48;

    private static final String RANDOM =
            "(SELECT array_agg(random() - 0.5) FROM generate_series(1, %d) WHERE i = i)".formatted(DIMENSIONS);

    private final String database = TestingPostgres.shared().newDatabase();

    @Test
    void aGoodIndexReachesTheTarget() throws SQLException {
        fill("vector", 2_000);
        index("vector_cosine_ops", "m = 24, ef_construction = 200");

        IndexRecall recall = measure(0.9).orElseThrow();

        assertThat(recall.reachesTarget()).isTrue();
        assertThat(recall.best().share()).isBetween(0.9, 1.0);
        assertThat(recall.usual().efSearch()).isEqualTo(40);
        assertThat(recall.queries()).isEqualTo(RecallMeasurement.QUERIES);
    }

    @Test
    void aPoorIndexIsToldToBePoor() throws SQLException {
        fill("vector", 4_000);
        index("vector_cosine_ops", "m = 2, ef_construction = 4");

        IndexRecall recall = measure(1).orElseThrow();

        assertThat(recall.reachesTarget()).isFalse();
        assertThat(recall.best().efSearch()).isEqualTo(1000);
        assertThat(recall.usual().share()).isLessThan(recall.best().share());
        // An own count over all rows of a part of the table, with the setting that clients have.
        assertThat(recall.usual().share()).isCloseTo(counted(150), within(0.12));
    }

    @Test
    void moreCandidatesAreTriedUntilTheTargetIsReached() throws SQLException {
        fill("vector", 4_000);
        index("vector_cosine_ops", "m = 8, ef_construction = 32");
        double usual = measure(0).orElseThrow().usual().share();

        IndexRecall recall = measure(Math.min(1, usual + 0.1)).orElseThrow();

        assertThat(recall.reachesTarget()).isTrue();
        assertThat(recall.best().efSearch()).isBetween(80, 640);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vector_ip_ops", "vector_l2_ops", "halfvec_cosine_ops"})
    void otherMetricsAndTypes(String operators) throws SQLException {
        String type = operators.replaceFirst("_.*", "");
        fill(type, 1_000);
        index(operators, "m = 24, ef_construction = 200");
        DistanceMetric metric = switch (operators) {
            case "vector_ip_ops" -> DistanceMetric.InnerProduct;
            case "vector_l2_ops" -> DistanceMetric.Euclidean;
            default -> DistanceMetric.Cosine;
        };

        VectorType ofColumn = type.equals("vector") ? VectorType.Vector : VectorType.HalfVector;
        assertThat(measure(ofColumn, metric, 0.8, MINUTE).orElseThrow().reachesTarget())
                .isTrue();
    }

    @Test
    void rowsOfPartitionsAreToldApart() throws SQLException {
        execute(
                "CREATE TABLE vectors (id bigint, embedding vector(%d)) PARTITION BY HASH (id)".formatted(DIMENSIONS),
                "CREATE TABLE vectors_0 PARTITION OF vectors FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE vectors_1 PARTITION OF vectors FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "INSERT INTO vectors SELECT i, %s FROM generate_series(1, 1000) i".formatted(RANDOM));
        index("vector_cosine_ops", "m = 24, ef_construction = 200");

        assertThat(measure(0.8).orElseThrow().reachesTarget()).isTrue();
    }

    @Test
    void fewRowsHaveFewNeighbours() throws SQLException {
        fill("vector", 5);
        index("vector_cosine_ops", "m = 16, ef_construction = 64");

        IndexRecall recall = measure(0.95).orElseThrow();

        assertThat(recall.queries()).isEqualTo(5);
        assertThat(recall.usual().share()).isEqualTo(1);
    }

    @Test
    void aRowHasNoRecallByItself() throws SQLException {
        fill("vector", 1);
        index("vector_cosine_ops", "m = 16, ef_construction = 64");

        assertThat(measure(0.95)).isEmpty();
    }

    @Test
    void vectorsWithoutADirectionAreNotLookedFor() throws SQLException {
        fill("vector", 30);
        execute("UPDATE vectors SET embedding = array_fill(0, ARRAY[%d])::vector WHERE id <= 10".formatted(DIMENSIONS));
        index("vector_cosine_ops", "m = 16, ef_construction = 64");

        IndexRecall recall = measure(0.95).orElseThrow();

        assertThat(recall.queries()).isEqualTo(20);
        assertThat(recall.usual().share()).isEqualTo(1);
    }

    @Test
    void aTableThatIsTooLargeForTheTimeIsLeftUnmeasured() throws SQLException {
        fill("vector", 4_000);
        index("vector_cosine_ops", "m = 4, ef_construction = 8");

        assertThat(measure(VectorType.Vector, DistanceMetric.Cosine, 0.95, Duration.ZERO))
                .isEmpty();
    }

    @Test
    void theSessionIsAsItWasBefore() throws SQLException {
        fill("vector", 100);
        index("vector_cosine_ops", "m = 16, ef_construction = 64");
        List<String> settings = List.of("enable_seqscan", "enable_indexscan", "statement_timeout", "hnsw.ef_search");

        try (Connection connection = TestingPostgres.connect(database)) {
            measurement(connection, VectorType.Vector, DistanceMetric.Cosine, 1, MINUTE)
                    .measure(connection);

            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(settings.stream().map(name -> text(connection, "SHOW " + name)))
                    .containsExactly("on", "on", "0", "40");
        }
    }

    private void fill(String type, int rows) throws SQLException {
        execute(
                "CREATE TABLE vectors (id bigint PRIMARY KEY, embedding %s(%d))".formatted(type, DIMENSIONS),
                "INSERT INTO vectors SELECT i, %s::real[]::vector::%s FROM generate_series(1, %d) i"
                        .formatted(RANDOM, type, rows));
    }

    private void index(String operators, String options) {
        execute("CREATE INDEX ON vectors USING hnsw (embedding %s) WITH (%s)".formatted(operators, options));
    }

    private void execute(String... statements) {
        TestingPostgres.execute(database, statements);
    }

    private Optional<IndexRecall> measure(double target) throws SQLException {
        return measure(VectorType.Vector, DistanceMetric.Cosine, target, MINUTE);
    }

    private Optional<IndexRecall> measure(VectorType type, DistanceMetric metric, double target, Duration patience)
            throws SQLException {
        try (Connection connection = TestingPostgres.connect(database)) {
            return measurement(connection, type, metric, target, patience).measure(connection);
        }
    }

    private static RecallMeasurement measurement(
            Connection connection, VectorType type, DistanceMetric metric, double target, Duration patience)
            throws SQLException {
        EmbeddingTable table = new EmbeddingTable(
                new TableName(Optional.of("public"), "vectors"),
                "id",
                KeyType.BIGINT,
                List.of(),
                type,
                DIMENSIONS,
                Server.of(connection).installed().orElseThrow(),
                Optional.empty(),
                Optional.empty());
        return new RecallMeasurement(table, metric, target, patience);
    }

    /** The share of the ten nearest others that a client finds, for the rows up to a key. */
    private double counted(int rows) throws SQLException {
        long found = 0;
        try (Connection connection = TestingPostgres.connect(database)) {
            for (int id = 1; id <= rows; id++) {
                String nearest = """
                        SELECT array_agg(id ORDER BY id)::text FROM (
                          SELECT id FROM vectors WHERE id <> %1$d
                          ORDER BY embedding <=> (SELECT embedding FROM vectors WHERE id = %1$d) LIMIT 10) n""".formatted(id);
                set(connection, "enable_indexscan = off; SET enable_seqscan = on");
                List<String> all = keys(text(connection, nearest));
                set(connection, "enable_indexscan = on; SET enable_seqscan = off");
                found += keys(text(connection, nearest)).stream()
                        .filter(all::contains)
                        .count();
            }
        }
        return found / (10.0 * rows);
    }

    private static List<String> keys(String array) {
        return List.of(array.replaceAll("[{}]", "").split(","));
    }

    private static void set(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET " + setting);
        }
    }

    private static String text(Connection connection, String query) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
