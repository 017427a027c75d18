package io.embeddingoperator.bench;

import io.embeddingoperator.runner.batches.ImportPipeline;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
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
 * The import of a batch's results (find the documents that wait, delete their old rows, COPY, delete the waiting ones, count)
 * against {@code psql \copy … binary} of a ready-made file, into equal tables of one server. Rounds are interleaved; prints a
 * section of the report.
 */
@Command(name = "import", mixinStandardHelpOptions = true)
public final class ImportBenchmark implements Callable<Integer> {
    private static final String PSQL = "`psql \\copy … binary`, default storage";
    private static final String PSQL_INLINE = "`psql \\copy … binary`, inline storage";
    private static final String IMPORT = "import, default storage";
    private static final String IMPORT_INLINE = "import, inline storage (as created)";
    private static final String PACKING = "packing: writing documents down, and into batches";
    private static final int WARM_UPS = 2;

    private static final BatchCapacity BATCH = new BatchCapacity(50_000, Long.MAX_VALUE, Long.MAX_VALUE);

    @Option(names = "--uri", required = true, description = "of a database whose table vectors may be overwritten")
    private String uri;

    @Option(names = "--psql", required = true, description = "path of psql")
    private Path psql;

    @Option(names = "--rows", defaultValue = "100000", description = "rows of a load (default: ${DEFAULT-VALUE})")
    private int rows;

    @Option(names = "--dimensions", defaultValue = "1536", description = "of a vector (default: ${DEFAULT-VALUE})")
    private int dimensions;

    @Option(
            names = "--window",
            defaultValue = "1000",
            description = "documents a window that is packed (default: ${DEFAULT-VALUE})")
    private int windowDocuments;

    @Option(names = "--rounds", defaultValue = "5", description = "rounds (default: ${DEFAULT-VALUE})")
    private int rounds;

    private final Rounds measured = new Rounds();
    private List<EmbeddedDocument> documents = List.of();
    private int runs;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ImportBenchmark()).execute(arguments));
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
                new Goal("the import against psql", 0.7, measured.speedup(IMPORT, PSQL)),
                new Goal(
                        "the import against psql, both with inline storage, as tables are created",
                        0.7,
                        measured.speedup(IMPORT_INLINE, PSQL_INLINE))));
        return 0;
    }

    private void measure(SinkTable table) throws Exception {
        Map<String, Load> methods = new LinkedHashMap<>();
        methods.put(PSQL, () -> table.copyWithPsql(SinkTable.DEFAULT_STORAGE));
        methods.put(IMPORT, () -> importResults(table, SinkTable.DEFAULT_STORAGE));
        methods.put(PSQL_INLINE, () -> table.copyWithPsql(SinkTable.INLINE_STORAGE));
        methods.put(IMPORT_INLINE, () -> importResults(table, SinkTable.INLINE_STORAGE));
        methods.put("import, inline storage, all rows existed before", () -> importAgain(table, Optional.empty()));
        for (int i = 0; i < WARM_UPS; i++) {
            importResults(table, SinkTable.INLINE_STORAGE);
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

    private double importResults(SinkTable table, String storage) throws SQLException, InterruptedException {
        return importAgain(table, Optional.of(storage));
    }

    /** @param storage of an emptied table, or empty where it keeps its rows */
    private double importAgain(SinkTable table, Optional<String> storage) throws SQLException, InterruptedException {
        EmbeddingSink sink = table.sink();
        Run run = sink.openRun(
                new RunRequest("bench/articles", ++runs, "bench", "bench " + runs, false),
                () -> List.of(new ShardRange(0, "all", documents.size())));
        ShardLease lease = sink.take(run, 0).orElseThrow();
        PendingDocuments pending = sink.pending(run, lease, BatchMoney.FREE);
        long packing = System.nanoTime();
        List<BatchRecord> batches = pack(pending);
        if (storage.isPresent()) {
            table.empty(storage.get());
        } else {
            table.execute("CHECKPOINT");
            measured.add(PACKING, SinkTable.secondsSince(packing));
        }
        long start = System.nanoTime();
        int first = 0;
        for (BatchRecord batch : batches) {
            importBatch(pending, batch, first);
            first += batch.documents();
        }
        sink.windows(run, lease, SinkTable.SCHEMA, Durability.EVERY_WINDOW).complete();
        double seconds = SinkTable.secondsSince(start);
        if (sink.state(run).totals().embedded() != documents.size()) {
            throw new IllegalStateException("%d of %d documents were imported"
                    .formatted(sink.state(run).totals().embedded(), documents.size()));
        }
        return seconds;
    }

    private List<BatchRecord> pack(PendingDocuments pending) {
        for (int from = 0; from < documents.size(); from += windowDocuments) {
            pending.commit(window(documents.subList(from, Math.min(from + windowDocuments, documents.size()))));
        }
        List<BatchRecord> batches = new ArrayList<>();
        for (Optional<BatchRecord> batch = pending.assign(BATCH); batch.isPresent(); batch = pending.assign(BATCH)) {
            batches.add(pending.advance(batch.get().in(BatchState.Importing)));
        }
        return batches;
    }

    private void importBatch(PendingDocuments pending, BatchRecord batch, int first) throws InterruptedException {
        try (ImportPipeline pipeline = new ImportPipeline(pending, batch.id(), pending.contents(batch), _ -> {})) {
            for (int ordinal = 0; ordinal < batch.documents(); ordinal++) {
                float[] vector =
                        documents.get(first + ordinal).chunks().getFirst().vector();
                pipeline.add(ordinal, new float[][] {vector});
            }
            pipeline.finish();
        }
        pending.imported(batch.in(BatchState.Done), new ImportEnd(Map.of(), Map.of(), "no result", true));
    }

    private static Window<WaitingDocument> window(List<EmbeddedDocument> documents) {
        List<Document> sources =
                documents.stream().map(EmbeddedDocument::document).toList();
        return new Window<>(
                new SourceWindow(
                        sources,
                        List.of(),
                        new Position(sources.getLast().key().toString()),
                        sources.size(),
                        0,
                        Optional.empty()),
                documents.stream().map(ImportBenchmark::waiting).toList(),
                List.of(),
                List.of());
    }

    private static WaitingDocument waiting(EmbeddedDocument embedded) {
        int length = embedded.document().text().length();
        return new WaitingDocument(
                embedded.document(),
                embedded.hash(),
                List.of(new Chunk(0, 0, length, 125, false, false)),
                length + 200,
                false);
    }

    private void print() {
        System.out.printf(Locale.ROOT, """
                ## Importing results of batches, %,d dimensions

                %,d rows of %,d dimensions and 500 bytes of text, %d rounds in turn, a checkpoint of the server before each load.
                An import finds the documents that wait for the results, deletes them and their old rows, copies the new ones and counts,
                8 MB of vectors and texts a transaction; only the end of its batches waits for the disk, as `psql` does once. `psql` copies a ready-made
                file. The results are parsed already. Packing happens hours before, and is shown for comparison.

                | | rows/s: median (least – greatest round) | against `psql`, default storage |
                |---|---|---|
                """, dimensions, documents.size(), dimensions, rounds);
        for (String method : measured.contenders()) {
            System.out.printf(
                    "| %s | %s | %s |%n",
                    method,
                    measured.perSecond(method, documents.size()).describe("%,.0f"),
                    measured.speedup(method, PSQL).describe("%.2f"));
        }
    }
}
