package io.embeddingoperator.bench;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.TableOwnership;
import io.embeddingoperator.api.v1alpha1.TableReplacement;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.WorkUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The table vectors, as the sink and psql fill it. */
final class SinkTable implements AutoCloseable {
    static final String DEFAULT_STORAGE = "ALTER TABLE vectors RESET (toast_tuple_target)";
    static final String INLINE_STORAGE = "ALTER TABLE vectors SET (toast_tuple_target = 8160)";

    static final SourceSchema SCHEMA =
            new SourceSchema("articles", "id", KeyType.BIGINT, List.of(), KeyOrder.BY_KEY, WorkUnit.DOCUMENTS);

    private static final int TEXT_BYTES = 500;

    private final Server server;
    private final Path psql;
    private final Path file;
    private final EmbeddingSink sink;

    private SinkTable(Server server, Path psql, Path file, EmbeddingSink sink) {
        this.server = server;
        this.psql = psql;
        this.file = file;
        this.sink = sink;
    }

    /** Makes the table. */
    static SinkTable prepare(String uri, Path psql, int dimensions) throws IOException, SQLException {
        Server server = new Server(uri);
        server.execute("DROP TABLE IF EXISTS vectors");
        PgvectorSink spec = new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                "vectors",
                VectorType.Vector,
                new IndexSpec(
                        IndexType.None,
                        null,
                        IndexSpec.DEFAULT.m(),
                        IndexSpec.DEFAULT.efConstruction(),
                        IndexSpec.DEFAULT.targetRecall()),
                OrphanPolicy.Keep,
                TableOwnership.Own,
                100,
                EmptyPolicy.Keep,
                TableReplacement.InPlace,
                1,
                null);
        EmbeddingSink sink = EmbeddingSink.open(spec, server.connection());
        sink.prepare("default/articles", SCHEMA, dimensions, DistanceMetric.Cosine, Recipe.read("recipe"));
        return new SinkTable(
                server, psql, Files.createTempDirectory("sink-bench").resolve("rows.binary"), sink);
    }

    EmbeddingSink sink() {
        return sink;
    }

    void execute(String... statements) throws SQLException {
        server.execute(statements);
    }

    void empty(String storage) throws SQLException {
        server.execute("TRUNCATE vectors", storage, "CHECKPOINT");
    }

    /** Keeps what the table holds for {@link #copyWithPsql}. */
    void keepRows() throws IOException, InterruptedException {
        psql("\\copy vectors to '%s' with (format binary)".formatted(file));
    }

    double copyWithPsql(String storage) throws IOException, InterruptedException, SQLException {
        empty(storage);
        long start = System.nanoTime();
        psql("\\copy vectors from '%s' with (format binary)".formatted(file));
        return secondsSince(start);
    }

    static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Documents of one chunk of 500 bytes. */
    static List<EmbeddedDocument> documents(int rows, int dimensions) {
        Random random = new Random(17);
        List<EmbeddedDocument> documents = new ArrayList<>(rows);
        for (int i = 0; i < rows; i++) {
            float[] vector = vector(random, dimensions);
            String text = text(random);
            Chunk chunk = new Chunk(0, 0, text.length(), 1, false, false);
            documents.add(new EmbeddedDocument(
                    new Document(new Key.Number(i), text, List.of(), "articles id=" + i),
                    DocumentHash.of("bench", text),
                    List.of(new EmbeddedChunk(chunk, vector))));
        }
        return documents;
    }

    static float[] vector(Random random, int dimensions) {
        float[] vector = new float[dimensions];
        for (int d = 0; d < dimensions; d++) {
            vector[d] = (float) random.nextGaussian();
        }
        return vector;
    }

    static String text(Random random) {
        byte[] letters = new byte[TEXT_BYTES];
        for (int c = 0; c < letters.length; c++) {
            letters[c] = (byte) (random.nextInt(7) == 0 ? ' ' : 'a' + random.nextInt(26));
        }
        return new String(letters, StandardCharsets.US_ASCII);
    }

    private void psql(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, server.uri())
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("psql failed");
        }
    }

    @Override
    public void close() throws IOException {
        sink.close();
        Files.deleteIfExists(file);
    }
}
