package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A table in a PostgreSQL with pgvector.
 *
 * @param connection the connection URI of the database, libpq or JDBC form
 * @param table the table that takes the vectors, with or without its schema: created when absent, checked when present
 * @param vectorType the column type of an embedding
 * @param index the index over the embeddings, built once after the load
 * @param orphans what happens to rows whose document is gone from the source
 */
public record PgvectorSink(
        @Required SecretValue connection,

        @Required @Size(max = Limit.TABLE) @Pattern(Field.NOT_BLANK)
        String table,

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
