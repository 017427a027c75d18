package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.copy.BinaryCopy;
import io.embeddingoperator.runner.sink.copy.RowFormat;
import io.embeddingoperator.runner.sink.table.DocumentRows;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Replaces the rows of documents inside a transaction. When the server refuses what a row holds, halves are tried
 * again and again until the document at fault stands alone; it keeps the rows that it had, and all others are written.
 */
final class DocumentWrites {
    private final EmbeddingTable table;
    private final DocumentRows rows;
    private final RowFormat format;

    DocumentWrites(EmbeddingTable table) {
        this.table = table;
        this.rows = new DocumentRows(table);
        this.format = new RowFormat(table);
    }

    /** What became of the documents. */
    record Outcome(List<EmbeddedDocument> written, List<FailedDocument> refused) {}

    Outcome replace(Connection connection, List<EmbeddedDocument> documents, Instant now) throws SQLException {
        Outcome outcome = new Outcome(new ArrayList<>(documents.size()), new ArrayList<>());
        if (!documents.isEmpty()) {
            bisect(connection, documents, now, outcome);
        }
        return outcome;
    }

    private void bisect(Connection connection, List<EmbeddedDocument> documents, Instant now, Outcome outcome)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            write(connection, documents, now);
            connection.releaseSavepoint(before);
            outcome.written().addAll(documents);
        } catch (SQLException e) {
            if (SqlFailure.of(e) != SqlFailure.DATA) {
                throw e;
            }
            connection.rollback(before);
            connection.releaseSavepoint(before);
            if (documents.size() == 1) {
                outcome.refused().add(FailedDocument.of(documents.getFirst().document(), reason(e)));
                return;
            }
            int half = documents.size() / 2;
            bisect(connection, documents.subList(0, half), now, outcome);
            bisect(connection, documents.subList(half, documents.size()), now, outcome);
        }
    }

    private void write(Connection connection, List<EmbeddedDocument> documents, Instant now) throws SQLException {
        rows.delete(
                connection,
                documents.stream().map(document -> document.document().key()).toList());
        long sent = 0;
        try (BinaryCopy copy = BinaryCopy.start(connection, table.copy())) {
            for (EmbeddedDocument document : documents) {
                format.write(copy, document, now);
                sent += document.chunks().size();
            }
            long taken = copy.finish();
            if (taken != sent) {
                throw new IllegalStateException("the server took %d of %d rows".formatted(taken, sent));
            }
        }
    }

    private String reason(SQLException refusal) {
        return "the table %s refuses it: %s".formatted(table.name(), SqlFailure.words(refusal));
    }
}
