package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** A Parquet file whose footer has been read. What the library stumbles over is damage; a failing store is not. */
final class OpenParquet implements AutoCloseable {
    private final StoreInputFile file;
    private final String path;
    private final long size;
    private final ParquetFileReader reader;
    private final ParquetCodecs codecs = new ParquetCodecs();
    private @Nullable ParquetPages pages;

    private OpenParquet(StoreInputFile file, ParquetFileReader reader) {
        this.file = file;
        this.path = file.toString();
        this.size = file.getLength();
        this.reader = reader;
    }

    static OpenParquet open(FileStore store, StoredFile stored) throws DamagedParquetException {
        ParquetReadOptions options =
                ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
        StoreInputFile file = StoreInputFile.whole(store, stored);
        return orDamaged(() -> {
            FooterSizes.check(store, stored);
            return new OpenParquet(file, ParquetFileReader.open(file, options));
        });
    }

    /** The columns that make a document; a column that cannot serve, or cannot be decompressed, is named. */
    ParquetColumns columns(DocumentFields fields) throws DamagedParquetException {
        ParquetColumns columns = ParquetColumns.of(path, fields, schema());
        Map<List<String>, String> names = columns.names();
        for (BlockMetaData group : reader.getRowGroups()) {
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                String name = names.get(List.of(chunk.getPath().toArray()));
                if (name != null) {
                    check(group, chunk, name);
                }
            }
        }
        return columns;
    }

    /** Those that have rows, in the order in which they stand in the file. */
    List<RowGroup> rowGroups() throws DamagedParquetException {
        List<RowGroup> groups = new ArrayList<>();
        long firstRow = 0;
        long behind = 0;
        for (int i = 0; i < reader.getRowGroups().size(); i++) {
            BlockMetaData stored = reader.getRowGroups().get(i);
            long rows = stored.getRowCount();
            if (rows > 0) {
                RowGroup group = new RowGroup(i, stored.getStartingPos(), firstRow, rows);
                if (group.start() < behind || group.start() >= size) {
                    throw new DamagedParquetException(
                            "row group %d does not stand behind the one before it".formatted(i));
                }
                groups.add(group);
                firstRow += rows;
                behind = group.start() + 1;
            }
        }
        return groups;
    }

    /** Reads the columns of a row group, and no others, in place of those of the one before it. */
    RecordReader<Object[]> rows(RowGroup group, ParquetColumns columns) throws DamagedParquetException {
        closePages();
        return orDamaged(() -> {
            pages = ParquetPages.open(file, reader.getRowGroups().get(group.index()), columns.requested(), codecs);
            return new ColumnIOFactory()
                    .getColumnIO(columns.requested(), schema())
                    .getRecordReader(pages, new ParquetRow(columns.requested()));
        });
    }

    static <T> T orDamaged(Reading<T> reading) throws DamagedParquetException {
        try {
            return reading.read();
        } catch (UncheckedIOException e) {
            throw new DamagedParquetException(Objects.requireNonNull(e.getCause()));
        } catch (IOException | RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                // The library wraps what its caller throws while it reads a page.
                if (cause instanceof RunnerException failing) {
                    throw failing;
                }
            }
            throw new DamagedParquetException(e);
        } catch (StackOverflowError e) {
            throw new DamagedParquetException("its columns are nested too deeply");
        }
    }

    @Override
    public void close() {
        closePages();
        codecs.release();
        try {
            reader.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a file that was only read cannot fail", e);
        }
    }

    private void closePages() {
        if (pages != null) {
            pages.close();
            pages = null;
        }
    }

    /** A footer without a checksum is not believed where it contradicts itself. */
    private void check(BlockMetaData group, ColumnChunkMetaData chunk, String column) throws DamagedParquetException {
        if (!ParquetCodecs.KNOWN.contains(chunk.getCodec())) {
            throw new SpecificationException(
                    "column %s of %s is compressed with %s, which cannot be read: write the file with one of %s"
                            .formatted(column, path, chunk.getCodec(), ParquetCodecs.KNOWN));
        }
        if (chunk.getValueCount() != group.getRowCount()) {
            throw new DamagedParquetException("column %s has %d values in a row group of %d rows"
                    .formatted(column, chunk.getValueCount(), group.getRowCount()));
        }
        if (chunk.getStartingPos() < 0
                || chunk.getStartingPos() >= size
                || chunk.getTotalSize() < 0
                || chunk.getTotalSize() > size - chunk.getStartingPos()) {
            throw new DamagedParquetException("column %s does not stand within the file".formatted(column));
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
