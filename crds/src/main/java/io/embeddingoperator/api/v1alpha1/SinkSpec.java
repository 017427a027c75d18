package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/** Where vectors go. */
public record SinkSpec(@Required PgvectorSink pgvector) {
    public SinkSpec {
        Field.required(pgvector, "spec.sink.pgvector", "say which table takes the vectors");
    }
}
