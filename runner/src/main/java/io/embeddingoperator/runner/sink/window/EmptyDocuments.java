package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.runner.document.FailedDocument;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of a window's documents without text.
 *
 * @param failed what counts as failed, in its order
 * @param removed keys whose rows are to go
 */
record EmptyDocuments(List<FailedDocument> failed, List<String> removed) {
    private static final String ROWS_STAY =
            "; rows that the sink has of it stay and are found by searches, unless spec.sink.pgvector.onEmpty is Delete";

    static EmptyDocuments among(List<FailedDocument> all, EmptyPolicy policy) {
        List<FailedDocument> failed = new ArrayList<>(all.size());
        List<String> removed = new ArrayList<>();
        for (FailedDocument document : all) {
            if (document.kind() != FailedDocument.Kind.EMPTY) {
                failed.add(document);
                continue;
            }
            switch (policy) {
                case Keep ->
                    failed.add(FailedDocument.empty(
                            document.key().orElseThrow(), document.location(), document.reason() + ROWS_STAY));
                case Delete -> removed.add(document.key().orElseThrow());
            }
        }
        return new EmptyDocuments(failed, removed);
    }
}
