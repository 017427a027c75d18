package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** A file, or a part of it, is not what Parquet says it should be. */
final class DamagedParquetException extends IOException {
    private static final String CONTRADICTION = "its bytes contradict each other";

    /** The library tells of its own classes. */
    private static final Pattern CLASS_NAME = Pattern.compile("\\b(java|org|shaded)(\\.\\w+)+|\\w+Exception\\b");

    DamagedParquetException(String sentence) {
        super(sentence);
    }

    DamagedParquetException(Exception cause) {
        super(sentence(cause), cause);
    }

    /** What the Java platform says of a step that went wrong means nothing to a person. */
    private static String sentence(Exception cause) {
        return switch (cause) {
            case NullPointerException _,
                    IndexOutOfBoundsException _,
                    ClassCastException _,
                    NegativeArraySizeException _,
                    ArithmeticException _ -> CONTRADICTION;
            case Exception other ->
                Optional.ofNullable(other.getMessage())
                        .flatMap(words -> words.lines().findFirst())
                        .filter(line -> !CLASS_NAME.matcher(line).find())
                        .orElse(CONTRADICTION);
        };
    }
}
