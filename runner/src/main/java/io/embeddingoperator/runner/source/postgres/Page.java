package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Limits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows that one query found.
 *
 * @param keys rows, those of one key counted once
 * @param end the last key; null without rows
 * @param last whether no row of the range follows
 */
record Page(
        List<Document> documents, List<FailedDocument> failed, long keys, long textBytes, RowKey end, boolean last) {

    static Page read(ResultSet rows, RowReader reader, int limit) throws SQLException {
        List<Document> documents = new ArrayList<>();
        List<FailedDocument> failed = new ArrayList<>();
        long keys = 0;
        long allRows = 0;
        long sentBytes = 0;
        long textBytes = 0;
        RowKey end = null;
        while (rows.next()) {
            long copies = rows.getLong(TableQueries.COPIES);
            long bytes = rows.getLong(TableQueries.BYTES);
            keys++;
            allRows += copies;
            sentBytes += copies == 1 && bytes <= Limits.MAX_DOCUMENT_BYTES ? bytes : 0;
            end = reader.key(rows);
            int before = documents.size();
            reader.read(rows, end, copies, bytes, documents, failed);
            textBytes += documents.size() > before ? bytes : 0;
        }
        // The server stops after the row that fills the window: see TableQueries.page.
        boolean last = allRows < limit && sentBytes < Limits.MAX_WINDOW_BYTES;
        return new Page(documents, failed, keys, textBytes, end, last);
    }

    static Page failed(FailedDocument document, RowKey key) {
        return new Page(List.of(), List.of(document), 1, 0, key, false);
    }

    static Page nothingLeft() {
        return new Page(List.of(), List.of(), 0, 0, null, true);
    }

    /** The same rows, of which it is known that others follow. */
    Page withMore(RowKey key) {
        return new Page(documents, failed, keys, textBytes, key, false);
    }
}
