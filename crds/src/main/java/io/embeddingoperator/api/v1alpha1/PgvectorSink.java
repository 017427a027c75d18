package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/**
 * A table in a PostgreSQL with pgvector.
 *
 * @param table created when absent, checked when present
 */
public record PgvectorSink(
        @Required SecretValue connection,
        @Required @Pattern(Field.NOT_BLANK) String table,
        @Default("Vector") VectorType vectorType,
        @Default("{}") IndexSpec index,
        @Default("Keep") OrphanPolicy orphans) {
    public PgvectorSink {
        Field.required(connection, "spec.sink.pgvector.connection", "name the Secret key that holds the URI");
        Field.requiredText(table, "spec.sink.pgvector.table", "name the table that takes the vectors");
        vectorType = Field.orElse(vectorType, VectorType.Vector);
        index = Field.orElse(index, IndexSpec.DEFAULT);
        orphans = Field.orElse(orphans, OrphanPolicy.Keep);
    }
}
