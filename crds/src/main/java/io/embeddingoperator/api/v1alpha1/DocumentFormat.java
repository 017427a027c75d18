package io.embeddingoperator.api.v1alpha1;

/** How documents stand in files. */
public enum DocumentFormat {
    /** One JSON object a line; {@code .gz} and {@code .zst} files are decompressed while they are read. */
    NDJSON,
    Parquet,
    /** One plain text document a file; its path, relative to the volume, is the key. */
    Text
}
