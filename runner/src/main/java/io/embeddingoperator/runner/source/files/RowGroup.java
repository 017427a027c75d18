package io.embeddingoperator.runner.source.files;

/**
 * A row group of a Parquet file.
 *
 * @param index among the file's row groups
 * @param start offset of its first byte in the file
 * @param firstRow number of its first row in the file, from 0
 * @param rows how many it has
 */
record RowGroup(int index, long start, long firstRow, long rows) {
    /** The number of the row behind its last. */
    long endRow() {
        return firstRow + rows;
    }
}
