package io.embeddingoperator.runner.source;

import java.util.Objects;
import java.util.Optional;

/**
 * What a run need not read, as an earlier one has read it.
 *
 * @param since the watermark of that run, in a source that can tell which rows changed; empty where all rows are read
 * @param files that did not change, in a source of files
 */
public record Known(Optional<Watermark> since, KnownFiles files) {
    /** Everything is read. */
    public static final Known NOTHING = new Known(Optional.empty(), KnownFiles.NONE);

    public Known {
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(files, "files");
    }
}
