package io.embeddingoperator.api.v1alpha1;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files of documents, wherever they lie. */
public sealed interface DocumentFiles extends Source permits VolumeSource, S3Source {
    DocumentFormat format();

    @Nullable
    String keyField();

    List<String> textFields();

    List<String> metadataFields();

    List<FileMetadata> metadata();

    /** All fields that are copied beside the vectors, in the order of their columns. */
    default List<FileMetadata> copied() {
        return Stream.concat(metadataFields().stream().map(FileMetadata::named), metadata().stream())
                .toList();
    }
}
