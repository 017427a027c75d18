package io.embeddingoperator.runner.sink.index;

import java.util.Objects;

/**
 * How far the index build is.
 *
 * @param phase in PostgreSQL's words, for example {@code building index: loading tuples}
 * @param done blocks of the table that are read
 * @param total blocks of the table; 0 while that is not known
 */
public record IndexProgress(String phase, long done, long total) {
    public IndexProgress {
        Objects.requireNonNull(phase, "phase");
    }

    /** 0 to 100. */
    public double percent() {
        return total == 0 ? 0 : 100.0 * done / total;
    }
}
