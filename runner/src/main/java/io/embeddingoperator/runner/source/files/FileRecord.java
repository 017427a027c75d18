package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;

/** What stands next in a file. */
sealed interface FileRecord {
    /**
     * A document.
     *
     * @param bytes of its text and its metadata, as UTF-8
     */
    record Readable(Document document, long bytes) implements FileRecord {}

    /** Something that is no document; the next record can still be read. */
    record Unreadable(FailedDocument failed) implements FileRecord {}

    /** The end of what can be read of this piece. */
    record Damaged(FailedDocument failed) implements FileRecord {}
}
