package io.embeddingoperator.runner.source.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
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
    private final Map<String, ColumnPages> columns = new HashMap<>();

    private ParquetPages(long rows) {
        this.rows = rows;
    }

    /** Opens the file once a column of the schema, which has plain columns alone. */
    static ParquetPages open(StoreInputFile file, BlockMetaData group, MessageType requested, ParquetCodecs codecs)
            throws IOException {
        Map<String, ColumnChunkMetaData> chunks = group.getColumns().stream()
                .filter(chunk -> chunk.getPath().size() == 1)
                .collect(Collectors.toMap(chunk -> chunk.getPath().toDotString(), chunk -> chunk, (one, other) -> one));
        ParquetPages pages = new ParquetPages(group.getRowCount());
        PageBudget budget = new PageBudget();
        for (ColumnDescriptor column : requested.getColumns()) {
            String name = column.getPath()[0];
            ColumnChunkMetaData chunk = chunks.get(name);
            if (chunk == null) {
                pages.close();
                throw new DamagedParquetException("column %s is missing in a row group".formatted(name));
            }
            pages.columns.put(
                    name, new ColumnPages(file, column, chunk, codecs.getDecompressor(chunk.getCodec()), budget));
        }
        return pages;
    }

    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
        return columns.get(column.getPath()[0]);
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
