package io.embeddingoperator.runner.source.files;

import java.io.IOException;

/** A file, or a part of it, is not what Parquet says it should be. */
final class DamagedParquetException extends IOException {
    DamagedParquetException(String sentence) {
        super(sentence);
    }

    DamagedParquetException(Exception cause) {
        super(sentence(cause), cause);
    }

    private static String sentence(Exception cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
