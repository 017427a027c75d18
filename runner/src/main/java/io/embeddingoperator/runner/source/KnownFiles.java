package io.embeddingoperator.runner.source;

import java.util.List;

/** What the sink holds of the files of a source. */
@FunctionalInterface
public interface KnownFiles {
    /** Nothing: all files are read. */
    KnownFiles NONE = files -> files;

    /**
     * Those that have to be read; what the last run read of the others counts as read by this one. Each file is asked about once,
     * by one thread.
     */
    List<StoredFile> unread(List<StoredFile> files);
}
