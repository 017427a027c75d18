package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.MetadataColumn;
import java.util.List;
import java.util.Objects;

/**
 * The fields of a record that make a document.
 *
 * @param manifestPath where the manifest names them, for example {@code spec.source.volume}
 * @param key the field that identifies a document
 * @param text joined by a newline in this order
 * @param metadata copied beside the vectors
 */
record DocumentFields(String manifestPath, String key, List<String> text, List<FileMetadata> metadata) {
    DocumentFields {
        Objects.requireNonNull(manifestPath, "manifestPath");
        Objects.requireNonNull(key, "key");
        text = List.copyOf(text);
        metadata = List.copyOf(metadata);
    }

    /** The type of a column whose values have none of their own. */
    static ColumnType declaredType(FileMetadata metadata) {
        return metadata.type() == null ? ColumnType.TEXT : TypedValue.type(metadata.type());
    }

    /** The columns of metadata, where the values have no types of their own. */
    List<MetadataColumn> declaredColumns() {
        return metadata.stream()
                .map(field -> new MetadataColumn(field.columnName(), declaredType(field)))
                .toList();
    }
}
