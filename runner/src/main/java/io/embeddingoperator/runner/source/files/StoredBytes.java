package io.embeddingoperator.runner.source.files;

import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a value where they stand in a page or a dictionary. They can be judged by their number alone; they are copied
 * and decoded when the value is asked for, and once.
 */
final class StoredBytes {
    private final Binary bytes;
    private @Nullable Object value;
    private @Nullable InvalidUtf8Exception flaw;

    StoredBytes(Binary bytes) {
        this.bytes = bytes.isBackingBytesReused() ? bytes.copy() : bytes;
    }

    int length() {
        return bytes.length();
    }

    Object decoded(ParquetColumn.Decoder decoder) throws InvalidUtf8Exception {
        if (flaw != null) {
            throw flaw;
        }
        if (value == null) {
            value = decode(decoder);
        }
        return value;
    }

    private Object decode(ParquetColumn.Decoder decoder) throws InvalidUtf8Exception {
        try {
            return decoder.decode(bytes.getBytes());
        } catch (InvalidUtf8Exception e) {
            flaw = e;
            throw e;
        }
    }
}
