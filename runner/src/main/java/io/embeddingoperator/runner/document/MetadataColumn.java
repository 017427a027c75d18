package io.embeddingoperator.runner.document;

import java.util.Objects;

/** A column that is copied beside the vectors under its own name. */
public record MetadataColumn(String name, ColumnType type) {
    public MetadataColumn {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }
}
