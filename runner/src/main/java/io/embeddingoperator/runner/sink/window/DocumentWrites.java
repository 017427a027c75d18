package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.chunk.Chunk;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.pipeline.EmbeddedChunk;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.StoredDocuments;
import io.embeddingoperator.runner.postgres.BinaryCopy;
import io.embeddingoperator.runner.sink.copy.RowFormat;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.copy.UnstorableDocumentException;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Replaces the rows of documents inside a transaction; a document that the server refuses keeps the rows that it had. */
final class DocumentWrites {
    private final EmbeddingTable table;
    private final DocumentRows rows;
    private final RowFormat format;

    DocumentWrites(EmbeddingTable table) {
        this.table = table;
        this.rows = new DocumentRows(table);
        this.format = new RowFormat(table);
    }

    /**
     * @param failed takes those that cannot be stored
     * @return those that were written
     */
    List<EmbeddedDocument> replace(
            Connection connection, List<EmbeddedDocument> documents, Instant now, List<FailedDocument> failed)
            throws SQLException {
        Bisection.Outcome<EmbeddedDocument> outcome = attempt(connection, documents, now, failed);
        outcome.refused().forEach(refusal -> failed.add(refused(refusal.thing().document(), refusal.words())));
        return outcome.written();
    }

    /** A document that the server refused, in the server's words. */
    FailedDocument refused(Document document, String words) {
        return FailedDocument.of(document, "the table %s refuses it: %s".formatted(table.name(), words));
    }

    /** Documents that were written. */
    static Counts counted(List<EmbeddedDocument> written) {
        long chunks = 0;
        long tokens = 0;
        long truncated = 0;
        long unknown = 0;
        for (EmbeddedDocument document : written) {
            chunks += document.chunks().size();
            for (EmbeddedChunk embedded : document.chunks()) {
                Chunk chunk = embedded.chunk();
                tokens += chunk.tokens();
                truncated += chunk.truncated() ? 1 : 0;
                unknown += chunk.mostlyUnknown() ? 1 : 0;
            }
        }
        return Counts.embedded(written.size(), chunks, tokens, truncated, unknown);
    }

    /** Nearly always all can be stored; only when one cannot, all are looked at before they are written. */
    private Bisection.Outcome<EmbeddedDocument> attempt(
            Connection connection, List<EmbeddedDocument> documents, Instant now, List<FailedDocument> failed)
            throws SQLException {
        List<EmbeddedDocument> writable = documents;
        while (true) {
            try {
                return Bisection.write(connection, writable, some -> write(connection, some, now));
            } catch (UnstorableDocumentException _) {
                writable = storable(writable, failed);
            } catch (RowsOfOthersException e) {
                writable = without(e.keys(), writable, failed);
            }
        }
    }

    private static List<EmbeddedDocument> without(
            Set<Key> keys, List<EmbeddedDocument> documents, List<FailedDocument> failed) {
        List<EmbeddedDocument> others = new ArrayList<>(documents.size());
        for (EmbeddedDocument document : documents) {
            if (keys.contains(document.document().key())) {
                failed.add(FailedDocument.of(document.document(), StoredDocuments.KEPT_ROWS));
            } else {
                others.add(document);
            }
        }
        return others;
    }

    private List<EmbeddedDocument> storable(List<EmbeddedDocument> documents, List<FailedDocument> failed) {
        List<EmbeddedDocument> storable = new ArrayList<>(documents.size());
        for (EmbeddedDocument document : documents) {
            StorableDocument.refusal(table, document)
                    .ifPresentOrElse(
                            reason -> failed.add(FailedDocument.of(document.document(), reason)),
                            () -> storable.add(document));
        }
        return storable;
    }

    private void write(Connection connection, List<EmbeddedDocument> documents, Instant now) throws SQLException {
        Set<Key> ofOthers = rows.delete(
                connection,
                documents.stream().map(document -> document.document().key()).toList());
        if (!ofOthers.isEmpty()) {
            throw new RowsOfOthersException(ofOthers);
        }
        long sent = 0;
        try (BinaryCopy copy = BinaryCopy.start(connection, table.copy())) {
            for (EmbeddedDocument document : documents) {
                // Here and not before the first row: the server is busy with the rows before, so the look costs no
                // time.
                StorableDocument.refusal(table, document).ifPresent(reason -> {
                    throw new UnstorableDocumentException(reason);
                });
                format.write(copy, document, now);
                sent += document.chunks().size();
            }
            long taken = copy.finish();
            if (taken != sent) {
                throw new IllegalStateException("the server took %d of %d rows".formatted(taken, sent));
            }
        }
    }
}
