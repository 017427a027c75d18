package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.sink.Run;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.state.DocumentKeys;
import io.embeddingoperator.runner.sink.table.DocumentRows;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.source.SourceWindow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A window's part in removing rows whose document is gone. */
final class WindowOrphans {
    private final EmbeddingTable table;
    private final Run run;
    private final OrphanRemoval removal;
    private final DocumentRows rows;

    WindowOrphans(EmbeddingTable table, Run run, OrphanRemoval removal) {
        this.table = table;
        this.run = run;
        this.removal = removal;
        this.rows = new DocumentRows(table);
    }

    /**
     * @param failed documents of the window, whose rows stay as they are
     * @return how many documents were removed
     */
    long remove(Connection connection, SourceWindow window, List<FailedDocument> failed) throws SQLException {
        return switch (removal) {
            case NONE -> 0;
            case BY_RANGE -> removeFromRange(connection, window, failed);
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
                yield 0;
            }
        };
    }

    /** Where a key could not be read, no row of the range is known to be an orphan. */
    private long removeFromRange(Connection connection, SourceWindow window, List<FailedDocument> failed)
            throws SQLException {
        boolean allKeysKnown =
                failed.stream().allMatch(document -> document.key().isPresent());
        if (window.covered().isEmpty() || !allKeysKnown) {
            return 0;
        }
        return rows.deleteOthers(connection, window.covered().get(), present(window, failed));
    }

    /** The keys that the window has. */
    List<Key> present(SourceWindow window, List<FailedDocument> failed) {
        return Stream.concat(
                        window.documents().stream().map(Document::key),
                        failed.stream().flatMap(document -> document.key().flatMap(this::parsed).stream()))
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
