package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.pending.PendingRows.Known;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.SourceWindow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Documents that a run took over with the live batches of the run before it, as they are read again: most are as they were, and
 * go on waiting for the vectors that are paid for already; some have changed or are gone, and what comes for them is ignored.
 */
final class TakenOverDocuments {
    private final EmbeddingTable table;
    private final PendingRows pending;
    private final DocumentRows rows;
    private Optional<Boolean> any = Optional.empty();

    TakenOverDocuments(EmbeddingTable table, PendingRows pending) {
        this.table = table;
        this.pending = pending;
        this.rows = new DocumentRows(table);
    }

    /**
     * Whether there were some when the run began. That none is left says little: vectors may have arrived after a window was
     * prepared, and before it is committed.
     */
    boolean any(Connection connection) throws SQLException {
        if (any.isEmpty()) {
            any = Optional.of(pending.tookOver(connection));
        }
        return any.get();
    }

    /** For a window that brings its own vectors: nothing of it waits any more. */
    void settle(Connection connection, Window<EmbeddedDocument> window) throws SQLException {
        forgetGone(connection, window.source(), window.failed());
        forgetEmpty(connection, window.failed());
        Map<String, Known> known = find(connection, window.source().documents());
        pending.delete(connection, known.values().stream().map(Known::id).toList());
    }

    /**
     * For a window whose vectors come later.
     *
     * @param documents of the window that must be embedded
     * @param unchanged takes those whose vectors have arrived since the window was prepared
     * @return those that do not wait yet
     */
    List<WaitingDocument> meet(
            Connection connection,
            Window<WaitingDocument> window,
            List<WaitingDocument> documents,
            List<Document> unchanged)
            throws SQLException {
        forgetGone(connection, window.source(), window.failed());
        forgetEmpty(connection, window.failed());
        Map<String, Known> known = find(connection, window.source().documents());
        // Asked after the rows above were locked: what is not among them any more has its vectors by now.
        Map<Key, DocumentHash> stored = rows.stored(
                        connection,
                        documents.stream()
                                .map(waiting -> waiting.document().key())
                                .toList())
                .hashes();
        List<WaitingDocument> fresh = new ArrayList<>(documents.size());
        Map<Long, Document> confirmed = new HashMap<>();
        for (WaitingDocument waiting : documents) {
            Document document = waiting.document();
            Known row = known.get(document.key().toString());
            if (row != null && row.hash().equals(waiting.hash())) {
                confirmed.put(row.id(), document);
            } else if (waiting.hash().equals(stored.get(document.key()))) {
                unchanged.add(document);
            } else {
                fresh.add(waiting);
            }
        }
        pending.confirm(connection, table, confirmed);
        pending.delete(
                connection,
                known.values().stream()
                        .map(Known::id)
                        .filter(id -> !confirmed.containsKey(id))
                        .toList());
        return fresh;
    }

    private Map<String, Known> find(Connection connection, Collection<Document> documents) throws SQLException {
        List<String> keys = documents.stream()
                .map(Document::key)
                .filter(key -> StorableDocument.refusal(key).isEmpty())
                .map(Key::toString)
                .toList();
        return pending.find(connection, keys);
    }

    /** The vectors of a text that was taken away since must not arrive after its rows are gone. */
    private void forgetEmpty(Connection connection, List<FailedDocument> failed) throws SQLException {
        List<String> keys = failed.stream()
                .filter(document -> document.kind() == FailedDocument.Kind.EMPTY)
                .flatMap(document -> document.key().stream())
                .toList();
        pending.delete(
                connection,
                pending.find(connection, keys).values().stream().map(Known::id).toList());
    }

    /** Where a key could not be read, nothing is known to be gone; and of texts this program does not know the order. */
    private void forgetGone(Connection connection, SourceWindow window, List<FailedDocument> failed)
            throws SQLException {
        boolean allKeysKnown =
                failed.stream().allMatch(document -> document.key().isPresent());
        if (window.covered().isPresent() && allKeysKnown && table.keyType() != KeyType.TEXT) {
            pending.removeGone(
                    connection,
                    table.keyType(),
                    window.covered().get(),
                    window.documents().stream().map(Document::key).toList());
        }
    }
}
