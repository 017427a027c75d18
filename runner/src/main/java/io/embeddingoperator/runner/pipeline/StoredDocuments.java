package io.embeddingoperator.runner.pipeline;

import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import java.util.Map;
import java.util.Set;

/**
 * What stands in the sink for some keys.
 *
 * @param hashes of those documents of this job that are there, complete
 * @param ofOthers keys under which another job or another program has rows: a document of this job cannot be written there
 */
public record StoredDocuments(Map<Key, DocumentHash> hashes, Set<Key> ofOthers) {
    /** Why such a document fails. */
    public static final String KEPT_ROWS =
            "the sink's table has rows under its key that this job did not write, and they are kept: give the document a key"
                    + " of its own or remove these rows, or let spec.sink.pgvector.ownership Adopt take the table over";

    public StoredDocuments {
        hashes = Map.copyOf(hashes);
        ofOthers = Set.copyOf(ofOthers);
    }
}
