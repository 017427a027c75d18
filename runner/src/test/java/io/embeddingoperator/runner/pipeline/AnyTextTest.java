package io.embeddingoperator.runner.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.ChunkingSpec;
import io.embeddingoperator.api.v1alpha1.ChunkingStrategy;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.files.FilesSource;
import io.embeddingoperator.runner.source.postgres.PostgresSource;
import io.embeddingoperator.runner.testing.TestingEmbedder;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random documents, cut in random ways, from a table and from files: what the sink holds of each is its text. */
class AnyTextTest {
    private static final int ROUNDS = 12;
    private static final int DOCUMENTS = 120;
    private static final Duration LONGEST = Duration.ofSeconds(45);

    /** Letters, marks, spaces and what breaks others' splitters; each may follow any other one. */
    private static final List<String> PARTS = List.of(
            "word",
            "a",
            "Ärger",
            "e\u0302\u0301",
            "\u0301",
            "世界",
            "한국어",
            "ภาษาไทย",
            "नमस्ते",
            "مرحبا",
            "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
            "\uD83C\uDDF3\uD83C\uDDF1",
            "\u0001",
            "\u200B",
            "\u00A0",
            "\uFEFF",
            "\uFFFD",
            "\\",
            "\"",
            "'",
            "{",
            "?",
            "0123456789abcdef0123456789abcdef",
            ". ",
            ", ",
            "! ",
            " ",
            " ",
            " ",
            "\t",
            "\n",
            "\r\n",
            "\n\n",
            "\u2028");

    @TempDir
    private Path folder;

    private final String database = TestingPostgres.shared().newDatabase();

    @Test
    void whatTheSinkHoldsOfADocumentIsItsText() throws Exception {
        long end = System.nanoTime() + LONGEST.toNanos();
        for (int seed = 0; seed < ROUNDS && System.nanoTime() < end; seed++) {
            // given
            Random random = new Random(seed);
            Map<String, String> texts = texts(random);
            ChunkingSpec chunking = random.nextInt(6) == 0
                    ? new ChunkingSpec(ChunkingStrategy.None, null, null)
                    : new ChunkingSpec(ChunkingStrategy.Recursive, 8 + random.nextInt(56), random.nextInt(4));
            String table = "public.vectors_%d".formatted(seed);

            // when
            try (Source source = seed % 2 == 0 ? table(texts) : files(texts, random)) {
                embed(source, table, chunking, 1 + random.nextInt(4));
            }

            // then
            check(table, texts, "seed %d, %s".formatted(seed, chunking));
        }
    }

    private void embed(Source source, String table, ChunkingSpec chunking, int shards) throws InterruptedException {
        TestingEmbedder embedder = new TestingEmbedder();
        Pipeline pipeline = new Pipeline(
                embedder,
                Chunker.of(chunking, embedder.tokenizer()),
                new PipelineLimits(3, 100_000, 2, 2),
                new PipelineListeners(List.of()));
        PgvectorSink spec = new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                table,
                null,
                new IndexSpec(IndexType.None, DistanceMetric.Cosine, null, null, null),
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        try (EmbeddingSink sink = EmbeddingSink.open(spec, ConnectionUri.parse("EMBEDDING_SINK_URI", database))) {
            sink.prepare(
                    "default/" + table,
                    source.schema(),
                    embedder.dimensions(),
                    embedder.metric(),
                    Recipe.read("recipe"));
            Run run = sink.openRun(
                    new RunRequest("default/" + table, 1, "specification", "recipe", false), () -> source.plan(shards));
            pipeline.run(run.shards().stream()
                    .map(range -> work(source, sink, run, range))
                    .iterator());
            sink.finish(run, 0, _ -> {});
            assertThat(sink.state(run).complete()).isTrue();
        }
    }

    private static ShardWork work(Source source, EmbeddingSink sink, Run run, ShardRange range) {
        ShardLease lease = sink.take(run, range.shard()).orElseThrow();
        return new ShardWork(
                range.shard(),
                source.read(range, lease.position(), 16),
                sink.windows(run, lease, source.schema(), Durability.EVERY_SHARD));
    }

    /** Joined where the chunks stand; between them stands white space alone. */
    private void check(String table, Map<String, String> texts, String description) throws SQLException {
        Map<String, List<Stored>> stored = stored(table);
        for (Map.Entry<String, String> document : texts.entrySet()) {
            String text = document.getValue();
            List<Stored> chunks = stored.getOrDefault(document.getKey(), List.of());
            boolean hasTokens = !text.isBlank()
                    && new TestingEmbedder().tokenizer().offsets(text).holdText();
            assertThat(chunks.isEmpty())
                    .as("%s, document %s, failed: %s", description, document.getKey(), reasons(document.getKey()))
                    .isEqualTo(!hasTokens);
            int covered = 0;
            for (Stored chunk : chunks) {
                assertThat(chunk.content()).as(description).isEqualTo(text.substring(chunk.start(), chunk.end()));
                assertThat(text.substring(covered, Math.max(covered, chunk.start())))
                        .as(description)
                        .isBlank();
                covered = Math.max(covered, chunk.end());
            }
            assertThat(hasTokens ? text.substring(covered) : "").as(description).isBlank();
        }
    }

    private record Stored(int start, int end, String content) {}

    private Map<String, List<Stored>> stored(String table) throws SQLException {
        Map<String, List<Stored>> stored = new LinkedHashMap<>();
        try (Connection connection = TestingPostgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT id::text, chunk_start, chunk_end, content FROM %s ORDER BY id, chunk"
                                .formatted(table))) {
            while (row.next()) {
                stored.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                        .add(new Stored(row.getInt(2), row.getInt(3), row.getString(4)));
            }
        }
        return stored;
    }

    private List<String> reasons(String key) throws SQLException {
        List<String> reasons = new ArrayList<>();
        try (Connection connection = TestingPostgres.connect(database);
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT run_id || ': ' || reason FROM embedding_operator.failed_documents WHERE key = ?")) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    reasons.add(row.getString(1));
                }
            }
        }
        return reasons;
    }

    private static Map<String, String> texts(Random random) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (int id = 0; id < DOCUMENTS; id++) {
            int parts = random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(80);
            texts.put(
                    Integer.toString(id),
                    IntStream.range(0, parts)
                            .mapToObj(_ -> PARTS.get(random.nextInt(PARTS.size())))
                            .collect(Collectors.joining()));
        }
        return texts;
    }

    private Source table(Map<String, String> texts) throws SQLException {
        TestingPostgres.execute(
                database, "DROP TABLE IF EXISTS documents", "CREATE TABLE documents (id int PRIMARY KEY, body text)");
        try (Connection connection = TestingPostgres.connect(database);
                PreparedStatement statement = connection.prepareStatement("INSERT INTO documents VALUES (?::int, ?)")) {
            for (Map.Entry<String, String> document : texts.entrySet()) {
                statement.setString(1, document.getKey());
                statement.setString(2, document.getValue());
                statement.addBatch();
            }
            statement.executeBatch();
        }
        return PostgresSource.open(
                new io.embeddingoperator.api.v1alpha1.PostgresSource(
                        new SecretValue(new SecretKeyReference("wiki", "uri")),
                        "public.documents",
                        "id",
                        List.of(),
                        List.of("body"),
                        null,
                        List.of(),
                        null),
                ConnectionUri.parse("EMBEDDING_SOURCE_URI", database));
    }

    private Source files(Map<String, String> texts, Random random) throws IOException {
        ObjectMapper json = new ObjectMapper();
        int files = 1 + random.nextInt(3);
        List<StringBuilder> lines =
                IntStream.range(0, files).mapToObj(_ -> new StringBuilder()).toList();
        for (Map.Entry<String, String> document : texts.entrySet()) {
            lines.get(random.nextInt(files))
                    .append(json.writeValueAsString(Map.of("id", document.getKey(), "body", document.getValue())))
                    .append(random.nextBoolean() ? "\n" : "\r\n");
        }
        Path corpus = Files.createTempDirectory(folder, "corpus");
        for (int file = 0; file < files; file++) {
            Files.writeString(corpus.resolve(file + ".ndjson"), lines.get(file));
        }
        return FilesSource.open(
                new VolumeSource(
                        "corpus", "*.ndjson", DocumentFormat.NDJSON, "id", List.of("body"), List.of(), List.of()),
                Optional.of(corpus));
    }
}
