package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.runner.sink.run.Recipe;
import java.util.List;
import java.util.Optional;

/**
 * Names all of a manifest that decides which rows a document has in the table: a run may leave out what has not changed since a run
 * of the same fingerprint. The number of shards is none of it. A person who gives another runNonce wants everything to be read.
 */
final class ReadingFingerprint {
    private ReadingFingerprint() {}

    /** Empty where the source cannot tell what changed. */
    static Optional<String> of(EmbeddingJobSpec spec, Recipe recipe) {
        PgvectorSink sink = spec.sink().pgvector();
        return spec.source().selected() instanceof PostgresSource postgres && postgres.changeColumn() != null
                ? Optional.of(JsonFingerprint.of(
                        List.of(postgres, recipe.text(), sink.orphans(), sink.onEmpty(), spec.runNonce())))
                : Optional.empty();
    }
}
