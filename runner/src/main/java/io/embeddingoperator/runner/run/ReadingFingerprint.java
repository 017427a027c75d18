package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.api.v1alpha1.PostgresSource;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Recipe;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Names all of a manifest that decides which rows a document has in the table: a run may leave out what has not changed since a run
 * of the same fingerprint. The number of shards is none of it.
 */
final class ReadingFingerprint {
    private ReadingFingerprint() {}

    /** Empty where the source cannot tell what changed, or where a run reads all of it. */
    static Optional<Reading> of(EmbeddingJobSpec spec, Recipe recipe) {
        return switch (spec.source().selected()) {
            case PostgresSource rows
            when rows.changeColumn() != null ->
                Optional.of(new Reading(Reading.Of.ROWS, JsonFingerprint.of(ofRows(rows, spec, recipe))));
            case S3Source objects
            when objects.skipsUnchanged() ->
                Optional.of(new Reading(Reading.Of.FILES, JsonFingerprint.of(ofObjects(objects, spec))));
            case PostgresSource _, S3Source _, VolumeSource _ -> Optional.empty();
        };
    }

    /** A person who gives another runNonce wants everything to be read. */
    private static List<?> ofRows(PostgresSource rows, EmbeddingJobSpec spec, Recipe recipe) {
        PgvectorSink sink = spec.sink().pgvector();
        return List.of(rows, recipe.text(), sink.orphans(), sink.onEmpty(), spec.runNonce());
    }

    /**
     * Beside the object and the recipe: where it lies, how it is read, what becomes of documents without text. Which objects are
     * named, and how the store is reached, is no part of it. Another release of the runner may read the same bytes in another way.
     */
    private static List<@Nullable Object> ofObjects(S3Source objects, EmbeddingJobSpec spec) {
        return Arrays.asList(
                objects.bucket(),
                objects.endpoint(),
                objects.format(),
                objects.keyField(),
                objects.textFields(),
                objects.metadataFields(),
                objects.metadata(),
                spec.sink().pgvector().onEmpty(),
                Objects.requireNonNullElse(
                        ReadingFingerprint.class.getPackage().getImplementationVersion(), "not packaged"));
    }
}
