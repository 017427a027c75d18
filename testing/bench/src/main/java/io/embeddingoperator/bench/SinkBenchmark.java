package io.embeddingoperator.bench;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
    /** So that the measured rounds run compiled code, as all but the first seconds of a run do. */
    private static final int WARM_UPS = 4;

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
    private List<EmbeddedDocument> documents = List.of();
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
        documents = SinkTable.documents(rows, dimensions);
        try (SinkTable table = SinkTable.prepare(uri, psql, dimensions)) {
            measure(table);
        }
        print();
        Goal.print(List.of(
                new Goal("the sink's transactions against psql", 0.95, measured.speedup(SINK, PSQL)),
                new Goal("… with inline storage, as tables are created", 1, measured.speedup(SINK_INLINE, PSQL))));
        return 0;
    }

    private void measure(SinkTable table) throws Exception {
        Map<String, Load> methods = new LinkedHashMap<>();
        methods.put(PSQL, () -> table.copyWithPsql(SinkTable.DEFAULT_STORAGE));
        methods.put(SINK, () -> commitWindows(table, SinkTable.DEFAULT_STORAGE));
        methods.put("`psql \\copy … binary`, inline storage", () -> table.copyWithPsql(SinkTable.INLINE_STORAGE));
        methods.put(SINK_INLINE, () -> commitWindows(table, SinkTable.INLINE_STORAGE));
        methods.put("sink, inline storage, all rows existed before", () -> commitAgain(table));
        for (int i = 0; i < WARM_UPS; i++) {
            commitWindows(table, SinkTable.INLINE_STORAGE);
        }
        table.keepRows();
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, Load> method : methods.entrySet()) {
                double seconds = method.getValue().seconds();
                measured.add(method.getKey(), seconds);
                System.err.printf(Locale.ROOT, "round %d: %.2f s, %s%n", round, seconds, method.getKey());
            }
        }
    }

    private double commitWindows(SinkTable table, String storage) throws SQLException {
        table.empty(storage);
        return commitAgain(table);
    }

    private double commitAgain(SinkTable table) {
        EmbeddingSink sink = table.sink();
        Run run = sink.openRun(
                new RunRequest("bench/articles", ++runs, "bench", "bench", false),
                () -> List.of(new ShardRange(0, "all", documents.size())));
        WindowSink windows =
                sink.windows(run, sink.take(run, 0).orElseThrow(), SinkTable.SCHEMA, Durability.EVERY_SHARD);
        long start = System.nanoTime();
        for (int from = 0; from < documents.size(); from += windowDocuments) {
            windows.commit(window(documents.subList(from, Math.min(from + windowDocuments, documents.size()))));
        }
        windows.complete();
        return SinkTable.secondsSince(start);
    }

    private static Window<EmbeddedDocument> window(List<EmbeddedDocument> documents) {
        List<Document> sources =
                documents.stream().map(EmbeddedDocument::document).toList();
        Position end = new Position(sources.getLast().key().toString());
        return new Window<>(
                new SourceWindow(sources, List.of(), end, sources.size(), 0, Optional.empty()),
                documents,
                List.of(),
                List.of());
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
