package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;

/**
 * What the values of a delta encoding begin with: the sizes of blocks and how many values follow. The library takes memory
 * for what they claim, so they are read before it.
 */
final class DeltaHeader {
    /** As many as the largest row groups in use have rows; they take 128 MiB. */
    private static final int MAX_VALUES = 16 * 1024 * 1024;

    private static final int MAX_BLOCK_VALUES = 64 * 1024;

    private final byte[] page;
    private final int most;
    private int position;

    private DeltaHeader(byte[] page, int position, int most) {
        this.page = page;
        this.position = position;
        this.most = most;
    }

    /**
     * @param from where the values begin in the page
     * @param most values that the page has
     */
    static void check(Encoding encoding, byte[] page, int from, int most) throws DamagedParquetException {
        if (page.length == from) {
            // All of its values are null.
            return;
        }
        DeltaHeader header = new DeltaHeader(page, from, most);
        long values = header.lengths();
        if (encoding == Encoding.DELTA_BYTE_ARRAY) {
            // The lengths of shared beginnings are followed by those of the ends.
            values = Math.min(values, header.lengths());
            checkJoined(page, from, values);
        }
    }

    /** The library copies the beginning that a value shares with the one before it, however long, for each row. */
    private static void checkJoined(byte[] page, int from, long values) throws DamagedParquetException {
        ByteBufferInputStream in = ByteBufferInputStream.wrap(ByteBuffer.wrap(page, from, page.length - from));
        DeltaBinaryPackingValuesReader beginnings = new DeltaBinaryPackingValuesReader();
        DeltaBinaryPackingValuesReader ends = new DeltaBinaryPackingValuesReader();
        try {
            beginnings.initFromPage((int) values, in);
            ends.initFromPage((int) values, in);
        } catch (IOException e) {
            throw new DamagedParquetException(e);
        }
        for (long i = 0; i < values; i++) {
            long bytes = (long) beginnings.readInteger() + ends.readInteger();
            if (bytes > Limits.MAX_DOCUMENT_BYTES) {
                throw new DamagedParquetException(String.format(
                        Locale.ROOT,
                        "a page has a value of %,d bytes, and %,d are the most of one that shares its beginning",
                        bytes,
                        Limits.MAX_DOCUMENT_BYTES));
            }
        }
    }

    /** How many there are. */
    private long lengths() throws DamagedParquetException {
        long block = number();
        long parts = number();
        long values = number();
        if (block > MAX_BLOCK_VALUES
                || parts < 1
                || parts > block
                || values < 0
                || values > Math.min(most, MAX_VALUES)) {
            throw new DamagedParquetException(
                    "a page of %d values claims %d values in blocks of %d with %d parts, and %d are the most"
                            .formatted(most, values, block, parts, MAX_VALUES));
        }
        number();
        for (long left = values - 1; left > 0; ) {
            left = skipBlock(left, (int) parts, block / parts);
        }
        return values;
    }

    private long skipBlock(long values, int parts, long partValues) throws DamagedParquetException {
        number();
        int widths = position;
        position += parts;
        long left = values;
        for (int part = 0; part < parts && left > 0; part++) {
            if (widths + part >= page.length) {
                throw ended();
            }
            // At most 255 bits for each of 65,536 values.
            position += (int) ((page[widths + part] & 0xFF) * partValues / 8);
            left -= partValues;
        }
        if (position > page.length || position < 0) {
            throw ended();
        }
        return left;
    }

    /** A number of seven bits a byte. */
    private long number() throws DamagedParquetException {
        long number = 0;
        for (int shift = 0; shift < 70 && position < page.length; shift += 7) {
            byte next = page[position++];
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw ended();
    }

    private static DamagedParquetException ended() {
        return new DamagedParquetException("a page ends in the lengths of its values");
    }
}
