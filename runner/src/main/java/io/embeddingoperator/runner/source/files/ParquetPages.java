package io.embeddingoperator.runner.source.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.schema.MessageType;

/** The columns of one row group, each read page by page beside the others. */
final class ParquetPages implements PageReadStore, Closeable {
    private final long rows;
    private final Map<List<String>, ColumnPages> columns = new HashMap<>();

    private ParquetPages(long rows) {
        this.rows = rows;
    }

    /** Opens the file once a column of the schema, in which no column repeats. */
    static ParquetPages open(StoreInputFile file, BlockMetaData group, MessageType requested, ParquetCodecs codecs)
            throws IOException {
        Map<List<String>, ColumnChunkMetaData> chunks = group.getColumns().stream()
                .collect(Collectors.toMap(
                        chunk -> List.of(chunk.getPath().toArray()), chunk -> chunk, (one, other) -> one));
        ParquetPages pages = new ParquetPages(group.getRowCount());
        PageBudget budget = new PageBudget();
        for (ColumnDescriptor column : requested.getColumns()) {
            List<String> path = List.of(column.getPath());
            ColumnChunkMetaData chunk = chunks.get(path);
            if (chunk == null) {
                pages.close();
                throw new DamagedParquetException(
                        "column %s is missing in a row group".formatted(String.join(".", path)));
            }
            pages.columns.put(
                    path, new ColumnPages(file, column, chunk, codecs.getDecompressor(chunk.getCodec()), budget));
        }
        return pages;
    }

    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
        return Objects.requireNonNull(columns.get(List.of(column.getPath())), "a column that was not asked for");
    }

    @Override
    public long getRowCount() {
        return rows;
    }

    @Override
    public void close() {
        for (ColumnPages column : columns.values()) {
            try {
                column.close();
            } catch (IOException e) {
                throw new IllegalStateException("closing a file that was only read cannot fail", e);
            }
        }
    }
}
