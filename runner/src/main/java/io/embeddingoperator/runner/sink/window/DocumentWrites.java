package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.copy.BinaryCopy;
import io.embeddingoperator.runner.sink.copy.RowFormat;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.copy.UnstorableDocumentException;
import io.embeddingoperator.runner.sink.table.DocumentRows;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

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

    /** @throws UnstorableDocumentException when a document was not looked at before and cannot be stored */
    Bisection.Outcome<EmbeddedDocument> replace(Connection connection, List<EmbeddedDocument> documents, Instant now)
            throws SQLException {
        return Bisection.write(connection, documents, some -> write(connection, some, now));
    }

    private void write(Connection connection, List<EmbeddedDocument> documents, Instant now) throws SQLException {
        rows.delete(
                connection,
                documents.stream().map(document -> document.document().key()).toList());
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
