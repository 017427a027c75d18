package io.embeddingoperator.runner.bench;

import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.EmbeddedChunk;
import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.EmbeddedWindow;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.Run;
import io.embeddingoperator.runner.sink.RunRequest;
import io.embeddingoperator.runner.sink.WindowSink;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WorkUnit;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * The sink's transactions (delete, COPY, checkpoint) against {@code psql \copy … binary} of a ready-made file, into
 * equal tables of one server. Rounds are interleaved; prints the medians as rows of a Markdown table, processor seconds
 * for 100,000 rows among them: those of a client and a backend that share no core are how long the work takes at least. The sink keeps its
 * connection from round to round, as it does from window to window in a run; psql connects anew.
 *
 * <p>Arguments: the folder of psql, rows, dimensions, documents of a window, rounds.
 */
public final class SinkBenchmark {
    private static final String DEFAULT_STORAGE = "ALTER TABLE vectors RESET (toast_tuple_target)";
    private static final String INLINE_STORAGE = "ALTER TABLE vectors SET (toast_tuple_target = 8160)";
    /** So that the measured rounds run compiled code, as all but the first seconds of a run do. */
    private static final int WARM_UPS = 4;

    private static final SourceSchema SCHEMA =
            new SourceSchema("articles", "id", KeyType.BIGINT, List.of(), KeyOrder.BY_KEY, WorkUnit.DOCUMENTS);

    private final Path psql;
    private final int windowDocuments;
    private final List<EmbeddedDocument> documents;
    private final int dimensions;
    private final String database;
    private final Path file;
    private final ProcessorTime processors;
    private int runs;

    private SinkBenchmark(Path psql, int rows, int dimensions, int windowDocuments, TestingPostgres server)
            throws IOException, SQLException {
        this.psql = psql;
        this.windowDocuments = windowDocuments;
        this.dimensions = dimensions;
        this.documents = documents(rows, dimensions);
        this.database = server.newDatabase();
        this.processors = ProcessorTime.of(database);
        this.file = Files.createTempDirectory("sink-benchmark").resolve("rows.binary");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        int rows = Integer.parseInt(arguments[1]);
        int dimensions = Integer.parseInt(arguments[2]);
        int window = Integer.parseInt(arguments[3]);
        int rounds = Integer.parseInt(arguments[4]);
        try (TestingPostgres server =
                TestingPostgres.start("max_wal_size=8GB", "checkpoint_timeout=1h", "autovacuum=off")) {
            SinkBenchmark benchmark =
                    new SinkBenchmark(Path.of(arguments[0], "psql"), rows, dimensions, window, server);
            try (EmbeddingSink sink = benchmark.prepared()) {
                benchmark.run(sink, rounds);
            }
        }
    }

    private interface Load {
        Measurement run() throws IOException, InterruptedException;
    }

    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private record Measurement(double seconds, ProcessorTime.Seconds processors) {}

    private void run(EmbeddingSink sink, int rounds) throws IOException, InterruptedException {
        Map<String, Load> methods = new LinkedHashMap<>();
        methods.put("`psql \\copy … binary`, default storage", () -> copyWithPsql(DEFAULT_STORAGE));
        methods.put("sink, default storage", () -> commitWindows(sink, DEFAULT_STORAGE));
        methods.put("`psql \\copy … binary`, inline storage", () -> copyWithPsql(INLINE_STORAGE));
        methods.put("sink, inline storage (as created)", () -> commitWindows(sink, INLINE_STORAGE));
        methods.put("sink, inline storage, all rows existed before", () -> commitAgain(sink));
        for (int i = 0; i < WARM_UPS; i++) {
            commitWindows(sink, INLINE_STORAGE);
        }
        psql("\\copy vectors to '%s' with (format binary)".formatted(file));

        Map<String, List<Measurement>> measured = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Load> method : methods.entrySet()) {
                measured.computeIfAbsent(method.getKey(), _ -> new ArrayList<>())
                        .add(method.getValue().run());
            }
        }
        print(measured);
        Files.delete(file);
    }

    private Measurement copyWithPsql(String storage) throws IOException, InterruptedException {
        empty(storage);
        return measured(() -> psql("\\copy vectors from '%s' with (format binary)".formatted(file)));
    }

    private Measurement commitWindows(EmbeddingSink sink, String storage) throws IOException, InterruptedException {
        empty(storage);
        return commitAgain(sink);
    }

    private Measurement commitAgain(EmbeddingSink sink) throws IOException, InterruptedException {
        Run run = sink.openRun(
                new RunRequest("bench/articles", ++runs, "bench", false),
                () -> List.of(new ShardRange(0, "all", documents.size())));
        WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), SCHEMA);
        return measured(() -> {
            for (int from = 0; from < documents.size(); from += windowDocuments) {
                windows.commit(window(documents.subList(from, Math.min(from + windowDocuments, documents.size()))));
            }
        });
    }

    private Measurement measured(Work work) throws IOException, InterruptedException {
        ProcessorTime.Seconds processorStart = processors.now();
        long start = System.nanoTime();
        work.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Measurement(seconds, processors.now().since(processorStart));
    }

    private EmbeddingSink prepared() {
        PgvectorSink spec = new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                "vectors",
                null,
                new IndexSpec(IndexType.None, null, null, null),
                null);
        EmbeddingSink sink = EmbeddingSink.open(spec, ConnectionUri.parse("EMBEDDING_SINK_URI", database));
        sink.prepare(SCHEMA, dimensions);
        return sink;
    }

    private void empty(String storage) {
        TestingPostgres.execute(database, "TRUNCATE vectors", storage, "CHECKPOINT");
    }

    private void psql(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, database)
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("psql failed");
        }
    }

    private static EmbeddedWindow window(List<EmbeddedDocument> documents) {
        List<Document> sources =
                documents.stream().map(EmbeddedDocument::document).toList();
        Position end = new Position(sources.getLast().key().toString());
        return new EmbeddedWindow(
                new SourceWindow(sources, List.of(), end, sources.size(), 0, Optional.empty()),
                documents,
                List.of(),
                List.of());
    }

    private static List<EmbeddedDocument> documents(int rows, int dimensions) {
        Random random = new Random(17);
        List<EmbeddedDocument> documents = new ArrayList<>(rows);
        for (int i = 0; i < rows; i++) {
            float[] vector = new float[dimensions];
            for (int d = 0; d < dimensions; d++) {
                vector[d] = (float) random.nextGaussian();
            }
            byte[] letters = new byte[500];
            for (int c = 0; c < letters.length; c++) {
                letters[c] = (byte) (random.nextInt(7) == 0 ? ' ' : 'a' + random.nextInt(26));
            }
            String text = new String(letters, StandardCharsets.US_ASCII);
            Chunk chunk = new Chunk(0, 0, text.length(), new TokenizedText(text, new int[] {1}, false));
            documents.add(new EmbeddedDocument(
                    new Document(new Key.Number(i), text, List.of(), "articles id=" + i),
                    DocumentHash.of("bench", text),
                    List.of(new EmbeddedChunk(chunk, vector))));
        }
        return documents;
    }

    private void print(Map<String, List<Measurement>> measured) {
        List<Measurement> reference = measured.values().iterator().next();
        double share = documents.size() / 100_000.0;
        System.out.println("| method | rows | dimensions | rows/s (median) | ratio | client CPU s | backend CPU s "
                + "| background CPU s | CPU s for 100k rows | backend CPU ratio |");
        System.out.println("|---|---|---|---|---|---|---|---|---|---|");
        measured.forEach((method, rounds) -> System.out.printf(
                "| %s | %d | %d | %,.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
                method,
                documents.size(),
                dimensions,
                documents.size() / median(rounds, Measurement::seconds),
                median(reference, Measurement::seconds) / median(rounds, Measurement::seconds),
                median(rounds, round -> round.processors().client()) / share,
                median(rounds, round -> round.processors().backends()) / share,
                median(rounds, round -> round.processors().background()) / share,
                median(rounds, round -> round.processors().total()) / share,
                median(reference, round -> round.processors().backends())
                        / median(rounds, round -> round.processors().backends())));
    }

    private static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> value) {
        double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
