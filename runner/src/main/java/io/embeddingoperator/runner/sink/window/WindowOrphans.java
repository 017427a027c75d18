package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.DocumentKeys;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.SourceWindow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A window's part in finding rows whose document is gone. They are removed at the end of the run, when all are known. */
final class WindowOrphans {
    private final EmbeddingTable table;
    private final Run run;
    private final int shard;
    private final OrphanSearch search;
    private final DocumentRows rows;

    WindowOrphans(EmbeddingTable table, Run run, int shard, OrphanSearch search) {
        this.table = table;
        this.run = run;
        this.shard = shard;
        this.search = search;
        this.rows = new DocumentRows(table);
    }

    /** Documents of a window that count as failed, and those without text whose rows are to go. */
    EmptyDocuments empty(List<FailedDocument> failed) {
        return EmptyDocuments.among(failed, search.empty());
    }

    /** @param empty what became of the documents of the window that have no vectors: the rows of failed ones stay as they are */
    void note(Connection connection, SourceWindow window, EmptyDocuments empty) throws SQLException {
        noteEmpty(connection, empty.removed());
        List<FailedDocument> failed = empty.failed();
        switch (search.removal()) {
            case NONE, BY_COMPARISON -> {}
            case BY_RANGE -> noteInRange(connection, window, failed, empty.removed());
            case AT_THE_END -> {
                List<Document> storable = window.documents().stream()
                        .filter(document ->
                                StorableDocument.refusal(document.key()).isEmpty())
                        .toList();
                DocumentKeys.note(
                        connection,
                        run.id(),
                        storable.stream()
                                .map(document -> document.key().toString())
                                .toList(),
                        storable.stream().map(Document::location).toList());
            }
        }
    }

    /** Where a key could not be read, no row of the range is known to be an orphan. */
    private void noteInRange(
            Connection connection, SourceWindow window, List<FailedDocument> failed, List<String> noted)
            throws SQLException {
        boolean allKeysKnown =
                failed.stream().allMatch(document -> document.key().isPresent());
        if (window.covered().isPresent() && allKeysKnown) {
            rows.noteOthers(
                    connection, run.id(), shard, window.covered().get(), present(window, failed, noted), search.most());
        }
    }

    private void noteEmpty(Connection connection, List<String> empty) throws SQLException {
        List<Key> keys = empty.stream().flatMap(key -> parsed(key).stream()).toList();
        if (!keys.isEmpty()) {
            rows.noteThese(connection, run.id(), shard, keys, search.most());
        }
    }

    /** The keys that the window has. */
    private List<Key> present(SourceWindow window, List<FailedDocument> failed, List<String> noted) {
        Stream<String> withoutVectors =
                Stream.concat(failed.stream().flatMap(document -> document.key().stream()), noted.stream());
        return Stream.concat(
                        window.documents().stream().map(Document::key),
                        withoutVectors.flatMap(key -> parsed(key).stream()))
                .toList();
    }

    private Optional<Key> parsed(String key) {
        KeyType type = table.keyType();
        try {
            return Optional.of(type.parse(key));
        } catch (IllegalArgumentException e) {
            // A key of another form has no rows in this table.
            return Optional.empty();
        }
    }
}
