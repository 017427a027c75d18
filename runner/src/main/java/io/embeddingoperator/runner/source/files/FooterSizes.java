package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.source.StoredFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Judges a Parquet footer before the library makes objects of it: it would take memory for lists and strings as long as
 * they claim to be. A footer is a struct of Thrift's compact protocol.
 */
final class FooterSizes {
    /** The footers of files with thousands of row groups or columns are a few MiB. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    /** Structs, lists and their members: each becomes an object. */
    private static final int MAX_MEMBERS = 8_000_000;

    private static final int MAX_DEPTH = 32;
    private static final int TAIL_BYTES = 8;

    /** {@code PAR1}. */
    private static final int MAGIC = 0x31524150;

    private static final int BYTE = 3;
    private static final int DOUBLE = 7;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int SET = 10;
    private static final int MAP = 11;
    private static final int STRUCT = 12;
    private static final int UUID = 13;

    private final ByteBuffer footer;
    private int members;

    private FooterSizes(ByteBuffer footer) {
        this.footer = footer;
    }

    /** Passes over a file without a footer, of which the library itself tells. */
    static void check(FileStore store, StoredFile file) throws IOException {
        long size = file.size();
        if (size <= TAIL_BYTES) {
            return;
        }
        ByteBuffer tail = ByteBuffer.wrap(read(store, file, size - TAIL_BYTES, TAIL_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        int bytes = tail.getInt();
        if (tail.getInt() != MAGIC || bytes < 0 || bytes > size - TAIL_BYTES) {
            return;
        }
        if (bytes > MAX_BYTES) {
            throw new DamagedParquetException(
                    "its footer has %d bytes, and %d are the most: write fewer columns and row groups"
                            .formatted(bytes, MAX_BYTES));
        }
        new FooterSizes(ByteBuffer.wrap(read(store, file, size - TAIL_BYTES - bytes, bytes))).struct(0);
    }

    private static byte[] read(FileStore store, StoredFile file, long from, int length) throws IOException {
        try (InputStream in = new StoreInputFile(store, file, from + length).streamFrom(from)) {
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("the file ends before its footer does");
            }
            return bytes;
        }
    }

    private void struct(int depth) throws DamagedParquetException {
        require(depth <= MAX_DEPTH);
        while (true) {
            int header = next();
            int type = header & 0x0F;
            if (header == 0) {
                return;
            }
            if (header >> 4 == 0) {
                number();
            }
            // A boolean field has its value in its type.
            if (type > 2) {
                value(type, depth);
            }
        }
    }

    private void value(int type, int depth) throws DamagedParquetException {
        require(++members <= MAX_MEMBERS);
        switch (type) {
            case 1, 2, BYTE -> next();
            case 4, 5, 6 -> number();
            case DOUBLE -> skip(Double.BYTES);
            case BINARY -> skip(number());
            case LIST, SET -> list(depth);
            case MAP -> throw damaged();
            case STRUCT -> struct(depth + 1);
            case UUID -> skip(2L * Long.BYTES);
            default -> throw damaged();
        }
    }

    private void list(int depth) throws DamagedParquetException {
        require(depth <= MAX_DEPTH);
        int header = next();
        long length = header >> 4 == 15 ? number() : header >> 4;
        require(length >= 0 && length <= footer.remaining());
        for (long i = 0; i < length; i++) {
            value(header & 0x0F, depth + 1);
        }
    }

    private int next() throws DamagedParquetException {
        require(footer.hasRemaining());
        return footer.get() & 0xFF;
    }

    private long number() throws DamagedParquetException {
        long number = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = next();
            number |= (next & 0x7FL) << shift;
            if (next < 0x80) {
                return number;
            }
        }
        throw damaged();
    }

    private void skip(long length) throws DamagedParquetException {
        require(length >= 0 && length <= footer.remaining());
        footer.position(footer.position() + (int) length);
    }

    private static void require(boolean holds) throws DamagedParquetException {
        if (!holds) {
            throw damaged();
        }
    }

    private static DamagedParquetException damaged() {
        return new DamagedParquetException("its footer contradicts itself, or is deeper or longer than footers are");
    }
}
