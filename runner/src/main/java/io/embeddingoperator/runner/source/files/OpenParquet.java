package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/** A Parquet file whose footer has been read. Whatever the library stumbles over is damage; a failing store is not. */
final class OpenParquet implements AutoCloseable {
    private final String path;
    private final ParquetFileReader reader;

    private OpenParquet(String path, ParquetFileReader reader) {
        this.path = path;
        this.reader = reader;
    }

    static OpenParquet open(FileStore store, String path, long size) throws DamagedParquetException {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .usePageChecksumVerification()
                .withCodecFactory(new ParquetCodecs())
                .build();
        return orDamaged(
                () -> new OpenParquet(path, ParquetFileReader.open(new StoreInputFile(store, path, size), options)));
    }

    /** The columns that make a document; a column that cannot serve, or cannot be decompressed, is named. */
    ParquetColumns columns(DocumentFields fields) {
        ParquetColumns columns = ParquetColumns.of(path, fields, schema());
        for (BlockMetaData group : reader.getRowGroups()) {
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                String column = chunk.getPath().toDotString();
                if (columns.columns().containsKey(column) && !ParquetCodecs.KNOWN.contains(chunk.getCodec())) {
                    throw new SpecificationException(
                            "column %s of %s is compressed with %s, which cannot be read: write the file with one of %s"
                                    .formatted(column, path, chunk.getCodec(), ParquetCodecs.KNOWN));
                }
            }
        }
        return columns;
    }

    /** In the order in which they stand in the file. */
    List<RowGroup> rowGroups() {
        List<RowGroup> groups = new ArrayList<>();
        long firstRow = 0;
        for (BlockMetaData stored : reader.getRowGroups()) {
            groups.add(new RowGroup(groups.size(), stored.getStartingPos(), firstRow, stored.getRowCount()));
            firstRow += stored.getRowCount();
        }
        return groups;
    }

    /** Loads the columns of a row group, and no others. */
    RecordReader<Object[]> rows(RowGroup group, ParquetColumns columns) throws DamagedParquetException {
        return orDamaged(() -> {
            reader.setRequestedSchema(columns.requested());
            PageReadStore pages = reader.readRowGroup(group.index());
            return new ColumnIOFactory()
                    .getColumnIO(columns.requested(), schema())
                    .getRecordReader(pages, new ParquetRow(columns.columns().size()));
        });
    }

    static <T> T orDamaged(Reading<T> reading) throws DamagedParquetException {
        try {
            return reading.read();
        } catch (RunnerException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DamagedParquetException(e);
        }
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a file that was only read cannot fail", e);
        }
    }

    private MessageType schema() {
        return reader.getFooter().getFileMetaData().getSchema();
    }

    /** A call of the library. */
    @FunctionalInterface
    interface Reading<T> {
        T read() throws IOException;
    }
}
