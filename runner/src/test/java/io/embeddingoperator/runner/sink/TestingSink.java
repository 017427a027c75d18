package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.api.v1alpha1.IndexSpec;
import io.embeddingoperator.api.v1alpha1.IndexType;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.api.v1alpha1.TableReplacement;
import io.embeddingoperator.api.v1alpha1.TextSearchSpec;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.sink.run.Recipe;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.WorkUnit;
import io.embeddingoperator.runner.testing.KeptConnection;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/** A sink over a database of its own, with the manifest and the source that most tests want. */
final class TestingSink {
    static final String VARIABLE = "EMBEDDING_SINK_URI";
    static final String JOB = "default/articles";
    static final SourceSchema ARTICLES = source(KeyType.BIGINT, KeyOrder.BY_KEY);

    static final Recipe RECIPE = Recipe.read("recipe");

    private TestingSink() {}

    static SourceSchema source(KeyType keyType, KeyOrder order, MetadataColumn... metadata) {
        return new SourceSchema("articles", "id", keyType, List.of(metadata), order, WorkUnit.DOCUMENTS);
    }

    static PgvectorSink spec(VectorType type, IndexType index, DistanceMetric metric, OrphanPolicy orphans) {
        return new PgvectorSink(
                new SecretValue(new SecretKeyReference("vectors", "uri")),
                "public.vectors",
                type,
                new IndexSpec(index, metric, null, null, null),
                orphans,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    static PgvectorSink spec() {
        return spec(VectorType.Vector, IndexType.None, DistanceMetric.Cosine, OrphanPolicy.Keep);
    }

    /** @param percent of the documents that a run may remove */
    static PgvectorSink deleting(int percent) {
        PgvectorSink keeping = spec();
        return new PgvectorSink(
                keeping.connection(),
                keeping.table(),
                null,
                keeping.index(),
                OrphanPolicy.Delete,
                null,
                percent,
                null,
                null,
                null,
                null);
    }

    /** With Keep for orphans and Delete for documents without text. */
    static PgvectorSink removingEmpty(OrphanPolicy orphans, int percent) {
        PgvectorSink keeping = spec();
        return new PgvectorSink(
                keeping.connection(),
                keeping.table(),
                null,
                keeping.index(),
                orphans,
                null,
                percent,
                EmptyPolicy.Delete,
                null,
                null,
                null);
    }

    /** With an index, and another model's vectors in a table beside the one that is searched. */
    static PgvectorSink swapping(OrphanPolicy orphans, int kept) {
        PgvectorSink keeping = spec();
        return new PgvectorSink(
                keeping.connection(),
                keeping.table(),
                null,
                new IndexSpec(IndexType.HNSW, DistanceMetric.Cosine, null, null, null),
                orphans,
                null,
                20,
                null,
                TableReplacement.Swap,
                kept,
                null);
    }

    /** The same, where words are found too. */
    static PgvectorSink withWords(PgvectorSink other, String config) {
        return new PgvectorSink(
                other.connection(),
                other.table(),
                other.vectorType(),
                other.index(),
                other.orphans(),
                other.ownership(),
                other.orphanLimitPercent(),
                other.onEmpty(),
                other.replacement(),
                other.keepGenerations(),
                new TextSearchSpec(config));
    }

    static EmbeddingSink open(PgvectorSink spec, String database) {
        return EmbeddingSink.open(spec, ConnectionUri.parse(VARIABLE, database), Duration.ofSeconds(60));
    }

    /** A sink whose table exists. */
    static EmbeddingSink prepared(PgvectorSink spec, SourceSchema schema, String database) {
        EmbeddingSink sink = open(spec, database);
        sink.prepare(JOB, schema, TestingDocuments.DIMENSIONS, DistanceMetric.Cosine, RECIPE);
        return sink;
    }

    static RunRequest request() {
        return new RunRequest(JOB, 1, "specification", "recipe", false);
    }

    static Run run(EmbeddingSink sink, int shards) {
        return sink.openRun(request(), () -> ranges(shards));
    }

    /** Takes a shard and says that nothing is left of it. */
    static void complete(EmbeddingSink sink, Run run, int shard) {
        sink.windows(run, sink.take(run, shard).orElseThrow(), ARTICLES, Durability.EVERY_SHARD)
                .complete();
    }

    static List<ShardRange> ranges(int shards) {
        return IntStream.range(0, shards)
                .mapToObj(shard -> new ShardRange(shard, "range " + shard, 100))
                .toList();
    }

    static String newDatabase() {
        return TestingPostgres.shared().newDatabase();
    }

    /** The rows of a query, each with its values joined by {@code |}. */
    static List<String> query(String database, String sql) {
        return KeptConnection.ask(database, sql, row -> {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                StringJoiner values = new StringJoiner("|");
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    values.add(row.getString(i));
                }
                rows.add(values.toString());
            }
            return rows;
        });
    }
}
