package io.embeddingoperator.runner.source.files;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column of a row group, one in memory at a time, however large the row group is. The library would hold
 * all of them. A page is judged by the sizes that its header declares before its bytes are read, and gets no byte more.
 */
final class ColumnPages implements PageReader, Closeable {
    private static final int BUFFER_BYTES = 64 * 1024;

    /** So many values of a dictionary are objects at the same time. */
    private static final int MAX_DICTIONARY_VALUES = 1_000_000;

    /** The decoder of these takes memory for as many values as a page claims, also where the page is too small for them. */
    private static final Set<Encoding> COUNTED =
            EnumSet.of(Encoding.DELTA_BINARY_PACKED, Encoding.DELTA_LENGTH_BYTE_ARRAY, Encoding.DELTA_BYTE_ARRAY);

    private final ColumnDescriptor column;
    private final ColumnChunkMetaData chunk;
    private final BytesInputDecompressor decompressor;
    private final PageBudget budget;
    private final long fileBytes;
    private final SeekableInputStream file;
    private final BufferedInputStream in;

    /** Read in search of a dictionary, and a page of values. */
    private @Nullable PageHeader first;

    private boolean begun;
    private long values;

    ColumnPages(
            StoreInputFile input,
            ColumnDescriptor column,
            ColumnChunkMetaData chunk,
            BytesInputDecompressor decompressor,
            PageBudget budget)
            throws IOException {
        this.column = column;
        this.chunk = chunk;
        this.decompressor = decompressor;
        this.budget = budget;
        this.fileBytes = input.getLength();
        this.file = input.streamFrom(chunk.getStartingPos());
        this.in = new BufferedInputStream(file, BUFFER_BYTES);
    }

    @Override
    public @Nullable DictionaryPage readDictionaryPage() {
        return unchecked(() -> {
            if (begun) {
                return null;
            }
            begun = true;
            PageHeader header = header();
            if (!header.isSetDictionary_page_header()) {
                first = header;
                return null;
            }
            DictionaryPageHeader dictionary = header.getDictionary_page_header();
            int count = dictionary.getNum_values();
            require(
                    count >= 0 && count <= MAX_DICTIONARY_VALUES && count <= header.getUncompressed_page_size(),
                    "a dictionary of %d values in %d bytes, and %d values are the most"
                            .formatted(count, header.getUncompressed_page_size(), MAX_DICTIONARY_VALUES));
            budget.dictionary(this, header.getUncompressed_page_size());
            byte[] bytes = decompressed(
                    compressed(header, header.getCompressed_page_size()), header.getUncompressed_page_size());
            return new DictionaryPage(BytesInput.from(bytes), count, encoding(dictionary.getEncoding()));
        });
    }

    @Override
    public long getTotalValueCount() {
        return chunk.getValueCount();
    }

    @Override
    public @Nullable DataPage readPage() {
        return unchecked(() -> {
            while (values < chunk.getValueCount()) {
                PageHeader header = first == null ? header() : first;
                first = null;
                budget.page(this, header.getUncompressed_page_size());
                if (header.isSetData_page_header()) {
                    return page(header, header.getData_page_header());
                }
                if (header.isSetData_page_header_v2()) {
                    return page(header, header.getData_page_header_v2());
                }
                // An index page, which readers may pass over.
                in.skipNBytes(header.getCompressed_page_size());
            }
            return null;
        });
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private PageHeader header() throws IOException {
        PageHeader header = Util.readPageHeader(in);
        int compressed = header.getCompressed_page_size();
        int uncompressed = header.getUncompressed_page_size();
        require(
                compressed >= 0 && uncompressed >= 0 && compressed <= fileBytes - chunk.getStartingPos(),
                "a page of %d bytes, %d once decompressed, in a file of %d"
                        .formatted(compressed, uncompressed, fileBytes));
        require(
                compressed <= PageBudget.MAX_BYTES,
                "a page of %d compressed bytes, and %d are the most".formatted(compressed, PageBudget.MAX_BYTES));
        return header;
    }

    private DataPage page(PageHeader header, DataPageHeader data) throws IOException {
        int size = header.getUncompressed_page_size();
        count(data.getNum_values());
        Encoding encoding = encoding(data.getEncoding());
        byte[] bytes = decompressed(compressed(header, header.getCompressed_page_size()), size);
        if (COUNTED.contains(encoding)) {
            DeltaHeader.check(encoding, bytes, levelBytes(bytes, data), data.getNum_values());
        }
        return new DataPageV1(
                BytesInput.from(bytes),
                data.getNum_values(),
                size,
                statistics(),
                encoding(data.getRepetition_level_encoding()),
                encoding(data.getDefinition_level_encoding()),
                encoding);
    }

    private DataPage page(PageHeader header, DataPageHeaderV2 data) throws IOException {
        int repetition = data.getRepetition_levels_byte_length();
        int definition = data.getDefinition_levels_byte_length();
        int compressed = header.getCompressed_page_size();
        int size = header.getUncompressed_page_size();
        require(
                repetition >= 0
                        && definition >= 0
                        && (long) repetition + definition <= compressed
                        && (long) repetition + definition <= size,
                "levels of %d and %d bytes in a page of %d".formatted(repetition, definition, compressed));
        count(data.getNum_values());
        Encoding encoding = encoding(data.getEncoding());
        byte[] page = compressed(header, compressed);
        int levels = repetition + definition;
        byte[] values = Arrays.copyOfRange(page, levels, compressed);
        boolean isCompressed = data.isIs_compressed() && size > levels;
        byte[] bytes = isCompressed ? decompressed(values, size - levels) : values;
        if (COUNTED.contains(encoding)) {
            DeltaHeader.check(encoding, bytes, 0, data.getNum_values());
        }
        return DataPageV2.uncompressed(
                data.getNum_rows(),
                data.getNum_nulls(),
                data.getNum_values(),
                BytesInput.from(page, 0, repetition),
                BytesInput.from(page, repetition, definition),
                encoding,
                BytesInput.from(bytes),
                statistics());
    }

    /** A column that does not repeat has definition levels alone, and those only where it, or a struct around it, may be null. */
    private int levelBytes(byte[] page, DataPageHeader data) throws IOException {
        if (column.getMaxDefinitionLevel() == 0) {
            return 0;
        }
        if (data.getDefinition_level_encoding() == org.apache.parquet.format.Encoding.BIT_PACKED) {
            int bits = Integer.SIZE - Integer.numberOfLeadingZeros(column.getMaxDefinitionLevel());
            return Math.toIntExact(Math.ceilDiv((long) bits * data.getNum_values(), Byte.SIZE));
        }
        require(page.length >= 4, "a page that ends in its levels");
        long length = (page[0] & 0xFFL) | (page[1] & 0xFFL) << 8 | (page[2] & 0xFFL) << 16 | (page[3] & 0xFFL) << 24;
        require(length <= page.length - 4, "levels of %d bytes in a page of %d".formatted(length, page.length));
        return (int) length + 4;
    }

    private void count(int more) throws IOException {
        require(
                more >= 0 && more <= chunk.getValueCount() - values,
                "a page of %d values where %d are left".formatted(more, chunk.getValueCount() - values));
        values += more;
    }

    private byte[] compressed(PageHeader header, int size) throws IOException {
        byte[] bytes = new byte[size];
        if (in.readNBytes(bytes, 0, size) < size) {
            throw new EOFException("the file ends in the middle of a page of column " + name());
        }
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(bytes);
            require((int) crc.getValue() == header.getCrc(), "a page whose checksum is another");
        }
        return bytes;
    }

    private byte[] decompressed(byte[] compressed, int size) throws IOException {
        byte[] bytes = ParquetCodecs.bytes(decompressor.decompress(BytesInput.from(compressed), size));
        require(bytes.length == size, "a page of %d bytes in place of %d".formatted(bytes.length, size));
        return bytes;
    }

    private Statistics<?> statistics() {
        return Statistics.getBuilderForReading(chunk.getPrimitiveType()).build();
    }

    private void require(boolean holds, String what) throws DamagedParquetException {
        if (!holds) {
            throw new DamagedParquetException("column %s has %s".formatted(name(), what));
        }
    }

    String name() {
        return String.join(".", column.getPath());
    }

    private static Encoding encoding(org.apache.parquet.format.Encoding stored) {
        return Encoding.valueOf(stored.name());
    }

    private interface Step<T> {
        @Nullable
        T run() throws IOException;
    }

    /** The interface of the library has no checked exceptions. */
    private static <T> @Nullable T unchecked(Step<T> step) {
        try {
            return step.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
