package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * Where the vectors go: exactly one member is set.
 *
 * @param pgvector a table in a PostgreSQL with pgvector
 */
public record SinkSpec(@Required PgvectorSink pgvector) {
    public SinkSpec {
        Field.required(pgvector, "spec.sink.pgvector", "say which table takes the vectors");
    }
}
