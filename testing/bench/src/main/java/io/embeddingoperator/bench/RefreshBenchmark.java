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
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.postgres.PostgresSource;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a refresh costs in which nothing changed, or little, beside the reading of every row: from the plan to the mark of a complete
 * run, without a model. Source and sink are tables of one server. Prints a section of the report.
 */
@Command(name = "refresh", mixinStandardHelpOptions = true)
public final class RefreshBenchmark implements Callable<Integer> {
    private static final int WINDOW_DOCUMENTS = 1_024;
    private static final int CHANGED = 1_000;

    @Option(names = "--uri", required = true, description = "of a database that is empty")
    private String uri;

    @Option(names = "--rows", defaultValue = "1000000", description = "documents (default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--dimensions", defaultValue = "384", description = "of a vector (default: ${DEFAULT-VALUE})")
    private int dimensions;

    private int runs;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new RefreshBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws SQLException {
        Server server = new Server(uri);
        createDocuments(server);
        try (PostgresSource source = source(server);
                EmbeddingSink sink = EmbeddingSink.open(spec(), server.connection())) {
            sink.prepare("bench/articles", source.schema(), dimensions, DistanceMetric.Cosine, Recipe.read("bench"));
            createVectors(server);
            System.out.printf(Locale.ROOT, """
                    ## Refreshing a table

                    %,d documents of 500 bytes and vectors of %d dimensions, both tables in one server and vacuumed; from the plan to the
                    mark of a complete run with `orphans: Delete`, without a model.

                    | | s | rows read |
                    |---|---|---|
                    """, rows, dimensions);
            print("every row is read", refresh(source, sink));
            print("nothing changed", refresh(source, sink));
            change(server);
            long changed = Math.min(CHANGED, rows / 1_000);
            print("%,d rows changed, and %,d others are gone".formatted(changed, changed), refresh(source, sink));
        }
        return 0;
    }

    private record Cost(double seconds, long rows) {}

    private static void print(String what, Cost cost) {
        System.out.printf(Locale.ROOT, "| %s | %,.1f | %,d |%n", what, cost.seconds(), cost.rows());
    }

    private void createDocuments(Server server) throws SQLException {
        server.execute(
                "CREATE EXTENSION IF NOT EXISTS vector",
                "CREATE TABLE articles (id bigint PRIMARY KEY, body text, updated_at timestamptz NOT NULL)",
                "INSERT INTO articles SELECT i, rpad('the river runs low ' || i, 500, md5(i::text)), '2020-01-01'"
                        + " FROM generate_series(1, %d) i".formatted(rows),
                "CREATE INDEX ON articles (updated_at)",
                "VACUUM ANALYZE articles");
    }

    /** As a run would have left them. */
    private void createVectors(Server server) throws SQLException {
        server.execute("""
                WITH made AS MATERIALIZED (SELECT ('[' || rtrim(repeat('0.1,', %d), ',') || ']')::vector AS vector)
                INSERT INTO vectors (id, chunk, content, embedding, chunk_start, chunk_end, document_hash, embedded_at, embedded_by)
                SELECT id, 0, body, made.vector, 0, 500, sha256(body::bytea), now(),
                  (SELECT owner_id FROM embedding_operator.table_owners)
                FROM articles, made""".formatted(dimensions), "VACUUM ANALYZE vectors", "CHECKPOINT");
    }

    private static void change(Server server) throws SQLException {
        server.execute(
                "UPDATE articles SET updated_at = now() WHERE id %% 1000 = 1 AND id <= %d".formatted(1_000L * CHANGED),
                "DELETE FROM articles WHERE id %% 1000 = 2 AND id <= %d".formatted(1_000L * CHANGED));
    }

    private Cost refresh(PostgresSource source, EmbeddingSink sink) {
        long start = System.nanoTime();
        Run run = sink.openRun(request(), known -> source.plan(4, known));
        long read = 0;
        for (ShardRange range : run.shards()) {
            try (WindowReader windows = source.read(range, Optional.empty(), WINDOW_DOCUMENTS)) {
                for (var window = windows.next(); window.isPresent(); window = windows.next()) {
                    read += window.get().documents().size();
                }
            }
            sink.windows(run, sink.take(run, range.shard()).orElseThrow(), source.schema(), Durability.EVERY_SHARD)
                    .complete();
        }
        sink.finish(run, 0, source.keys(), _ -> {});
        return new Cost((System.nanoTime() - start) / 1e9, read);
    }

    private RunRequest request() {
        return new RunRequest(
                "bench/articles",
                ++runs,
                "bench",
                "bench",
                false,
                Optional.empty(),
                Optional.of(new Reading(Reading.Of.ROWS, "bench")),
                OptionalInt.empty());
    }

    private static PostgresSource source(Server server) {
        return PostgresSource.open(
                new io.embeddingoperator.api.v1alpha1.PostgresSource(
                        new SecretValue(new SecretKeyReference("bench", "uri")),
                        "public.articles",
                        "id",
                        List.of(),
                        List.of("body"),
                        null,
                        List.of(),
                        "updated_at"),
                server.connection());
    }

    private static PgvectorSink spec() {
        return new PgvectorSink(
                new SecretValue(new SecretKeyReference("bench", "uri")),
                "public.vectors",
                VectorType.Vector,
                new IndexSpec(
                        IndexType.None,
                        null,
                        IndexSpec.DEFAULT.m(),
                        IndexSpec.DEFAULT.efConstruction(),
                        IndexSpec.DEFAULT.targetRecall()),
                OrphanPolicy.Delete,
                TableOwnership.Own,
                20,
                EmptyPolicy.Keep,
                TableReplacement.InPlace,
                1,
                null);
    }
}
