package io.embeddingoperator.runner.sink.search;

import io.embeddingoperator.runner.sink.table.TextColumn;
import java.util.Objects;

/**
 * Words that a hybrid search looks for, beside what is near to its vector.
 *
 * @param column how the table finds words
 * @param text in the language of web searches: words that must all be there, {@code "a phrase"}, {@code or}, {@code -without}
 */
public record Words(TextColumn column, String text) {
    public Words {
        Objects.requireNonNull(column, "column");
        Objects.requireNonNull(text, "text");
    }
}
