package io.embeddingoperator.bench;

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
import io.embeddingoperator.runner.sink.Durability;
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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The sink's transactions (delete, COPY, checkpoint) against {@code psql \copy … binary} of a ready-made file, into
 * equal tables of one server. Rounds are interleaved; prints a section of the report. The sink keeps its connection
 * from round to round, as it does from window to window in a run; psql connects anew.
 */
@Command(name = "sink", mixinStandardHelpOptions = true)
public final class SinkBenchmark implements Callable<Integer> {
    private static final String PSQL = "`psql \\copy … binary`, default storage";
    private static final String SINK = "sink, default storage";
    private static final String SINK_INLINE = "sink, inline storage (as created)";
    private static final String DEFAULT_STORAGE = "ALTER TABLE vectors RESET (toast_tuple_target)";
    private static final String INLINE_STORAGE = "ALTER TABLE vectors SET (toast_tuple_target = 8160)";
    /** So that the measured rounds run compiled code, as all but the first seconds of a run do. */
    private static final int WARM_UPS = 4;

    private static final SourceSchema SCHEMA =
            new SourceSchema("articles", "id", KeyType.BIGINT, List.of(), KeyOrder.BY_KEY, WorkUnit.DOCUMENTS);

    @Option(names = "--uri", required = true, description = "of a database whose table vectors may be overwritten")
    private String uri;

    @Option(names = "--psql", required = true, description = "path of psql")
    private Path psql;

    @Option(names = "--rows", defaultValue = "100000", description = "rows of a load (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(names = "--dimensions", defaultValue = "384", description = "of a vector (default: ${DEFAULT-VALUE})")
    private int dimensions;

    @Option(names = "--window", defaultValue = "5000", description = "rows a transaction (default: ${DEFAULT-VALUE})")
    private int windowDocuments;

    @Option(names = "--rounds", defaultValue = "5", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    private final Rounds measured = new Rounds();
    private Server server;
    private EmbeddingSink sink;
    private List<EmbeddedDocument> documents;
    private Path file;
    private int runs;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SinkBenchmark()).execute(arguments));
    }

    /** Fills the table, and says how long that took. */
    private interface Load {
        double seconds() throws Exception;
    }

    @Override
    public Integer call() throws Exception {
        server = new Server(uri);
        documents = documents(rows, dimensions);
        file = Files.createTempDirectory("sink-bench").resolve("rows.binary");
        try (EmbeddingSink prepared = prepare()) {
            sink = prepared;
            measure();
        }
        Files.delete(file);
        print();
        Goal.print(List.of(
                new Goal("the sink's transactions against psql", 0.95, measured.speedup(SINK, PSQL)),
                new Goal("… with inline storage, as tables are created", 1, measured.speedup(SINK_INLINE, PSQL))));
        return 0;
    }

    private void measure() throws Exception {
        Map<String, Load> methods = new LinkedHashMap<>();
        methods.put(PSQL, () -> copyWithPsql(DEFAULT_STORAGE));
        methods.put(SINK, () -> commitWindows(DEFAULT_STORAGE));
        methods.put("`psql \\copy … binary`, inline storage", () -> copyWithPsql(INLINE_STORAGE));
        methods.put(SINK_INLINE, () -> commitWindows(INLINE_STORAGE));
        methods.put("sink, inline storage, all rows existed before", this::commitAgain);
        for (int i = 0; i < WARM_UPS; i++) {
            commitWindows(INLINE_STORAGE);
        }
        psql("\\copy vectors to '%s' with (format binary)".formatted(file));
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Load> method : methods.entrySet()) {
                double seconds = method.getValue().seconds();
                measured.add(method.getKey(), seconds);
                System.err.printf(Locale.ROOT, "round %d: %.2f s, %s%n", round, seconds, method.getKey());
            }
        }
    }

    private double copyWithPsql(String storage) throws IOException, InterruptedException, SQLException {
        empty(storage);
        long start = System.nanoTime();
        psql("\\copy vectors from '%s' with (format binary)".formatted(file));
        return secondsSince(start);
    }

    private double commitWindows(String storage) throws SQLException {
        empty(storage);
        return commitAgain();
    }

    private double commitAgain() {
        Run run = sink.openRun(
                new RunRequest("bench/articles", ++runs, "bench", "bench", false),
                () -> List.of(new ShardRange(0, "all", documents.size())));
        WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), SCHEMA, Durability.EVERY_SHARD);
        long start = System.nanoTime();
        for (int from = 0; from < documents.size(); from += windowDocuments) {
            windows.commit(window(documents.subList(from, Math.min(from + windowDocuments, documents.size()))));
        }
        windows.complete();
        return secondsSince(start);
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private EmbeddingSink prepare() {
        PgvectorSink spec = new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                "vectors",
                null,
                new IndexSpec(IndexType.None, null, null, null),
                null);
        EmbeddingSink sink = EmbeddingSink.open(spec, server.connection());
        sink.prepare(SCHEMA, dimensions);
        return sink;
    }

    private void empty(String storage) throws SQLException {
        server.execute("TRUNCATE vectors", storage, "CHECKPOINT");
    }

    private void psql(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command, uri)
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

    private void print() {
        System.out.printf(Locale.ROOT, """
                ## Writing into pgvector

                %,d rows of %d dimensions and 500 bytes of text, %,d rows a transaction, %d rounds in turn, a checkpoint of the server before each load.
                The sink deletes, copies and moves its checkpoint in every transaction, and in the end completes its shard,
                which waits until all of it is on the disk; `psql` copies a ready-made file.
                The sink keeps its connection from round to round, as from window to window in a run, and has had %d loads to warm up; `psql` connects anew.

                | | rows/s: median (least – greatest round) | against `psql`, default storage |
                |---|---|---|
                """, documents.size(), dimensions, windowDocuments, rounds, WARM_UPS);
        for (String method : measured.contenders()) {
            System.out.printf(
                    "| %s | %s | %s |%n",
                    method,
                    measured.perSecond(method, documents.size()).describe("%,.0f"),
                    measured.speedup(method, PSQL).describe("%.2f"));
        }
    }
}
