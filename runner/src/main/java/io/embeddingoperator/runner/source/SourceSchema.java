package io.embeddingoperator.runner.source;

import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import java.util.List;
import java.util.Objects;

/**
 * What the pipeline must know of a source before it reads.
 *
 * @param name for a person, for example {@code public.articles} or {@code in/*.ndjson}
 * @param keyName the key's column or field, which is also the sink's first column
 * @param order how keys relate to ranges
 * @param unit in which work is counted ahead
 */
public record SourceSchema(
        String name, String keyName, KeyType keyType, List<MetadataColumn> metadata, KeyOrder order, WorkUnit unit) {
    public SourceSchema {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(keyName, "keyName");
        Objects.requireNonNull(keyType, "keyType");
        metadata = List.copyOf(metadata);
        Objects.requireNonNull(order, "order");
        Objects.requireNonNull(unit, "unit");
    }
}
