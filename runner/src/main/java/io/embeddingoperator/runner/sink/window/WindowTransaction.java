package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.sink.Durability;
import io.embeddingoperator.runner.sink.EmbeddedDocument;
import io.embeddingoperator.runner.sink.EmbeddedWindow;
import io.embeddingoperator.runner.sink.Run;
import io.embeddingoperator.runner.sink.ShardCounters;
import io.embeddingoperator.runner.sink.ShardLease;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.copy.UnstorableDocumentException;
import io.embeddingoperator.runner.sink.state.DocumentKeys;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.table.DocumentRows;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The one transaction in which a window takes effect: its rows, its failures, the checkpoint and the counters, or
 * nothing.
 *
 * <p>The shard's row is locked first. Its epoch tells whether the shard is still ours, and its number of windows
 * whether this very window was committed by an attempt whose answer was lost, or windows before it were lost by the server.
 */
final class WindowTransaction {
    // A deferred constraint would speak up at the commit, when no single document can be set aside any more.
    private static final String CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE";

    private static final String COMMIT_WITHOUT_WAITING_FOR_THE_DISK =
            "SELECT set_config('synchronous_commit', 'off', true) WHERE current_setting('synchronous_standby_names') = ''";

    private final EmbeddingTable table;
    private final Run run;
    private final ShardLease lease;
    private final OrphanRemoval orphans;
    private final List<String> settings;
    private final DocumentRows rows;
    private final DocumentWrites writes;
    private final MetadataRefresh metadata;

    WindowTransaction(EmbeddingTable table, Run run, ShardLease lease, OrphanRemoval orphans, Durability durability) {
        this.table = table;
        this.run = run;
        this.lease = lease;
        this.orphans = orphans;
        this.settings = switch (durability) {
            case EVERY_WINDOW -> List.of(CHECK_AT_ONCE);
            case EVERY_SHARD -> List.of(CHECK_AT_ONCE, COMMIT_WITHOUT_WAITING_FOR_THE_DISK);
        };
        this.rows = new DocumentRows(table);
        this.writes = new DocumentWrites(table);
        this.metadata = new MetadataRefresh(table);
    }

    /**
     * Does all but the commit itself.
     *
     * @param committed how many windows of the shard are known to be committed
     * @return the shard's counters with this window
     */
    ShardCounters run(Connection connection, EmbeddedWindow window, long committed) throws SQLException {
        Shards.Locked shard = Shards.lock(connection, run, lease, committed);
        if (shard.windows() == committed + 1) {
            return shard.counters();
        }
        if (shard.windows() != committed || shard.complete()) {
            throw new IllegalStateException("window %d of shard %d cannot follow %d windows%s"
                    .formatted(
                            committed + 1, lease.shard(), shard.windows(), shard.complete() ? ", the last ones" : ""));
        }
        KeyedPlans.use(connection, settings);
        List<FailedDocument> failed = new ArrayList<>(window.failed());
        Bisection.Outcome<EmbeddedDocument> outcome = write(connection, window.embedded(), failed, shard.now());
        outcome.refused().forEach(refusal -> failed.add(refused(refusal.thing().document(), refusal.words())));
        Bisection.Outcome<Document> refreshed = metadata.refresh(connection, window.unchanged());
        refreshed.refused().forEach(refusal -> failed.add(refused(refusal.thing(), refusal.words())));
        FailedDocuments.record(connection, run.id(), lease.shard(), failed);
        long orphansDeleted = removeOrphans(connection, window, failed);
        ShardCounters counters = shard.counters()
                .plus(counters(window, outcome.written(), refreshed.written().size(), failed, orphansDeleted));
        Shards.advance(connection, run, lease, window.source().end(), committed + 1, counters);
        return counters;
    }

    /** Nearly always all can be stored; only when one cannot, all are looked at before they are written. */
    private Bisection.Outcome<EmbeddedDocument> write(
            Connection connection, List<EmbeddedDocument> documents, List<FailedDocument> failed, Instant now)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return writes.replace(connection, documents, now);
        } catch (UnstorableDocumentException e) {
            connection.rollback(before);
            return writes.replace(connection, storable(documents, failed), now);
        }
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

    private long removeOrphans(Connection connection, EmbeddedWindow window, List<FailedDocument> failed)
            throws SQLException {
        return switch (orphans) {
            case NONE -> 0;
            case BY_RANGE -> removeFromRange(connection, window, failed);
            case AT_THE_END -> {
                List<Document> storable = window.source().documents().stream()
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
    private long removeFromRange(Connection connection, EmbeddedWindow window, List<FailedDocument> failed)
            throws SQLException {
        boolean allKeysKnown =
                failed.stream().allMatch(document -> document.key().isPresent());
        if (window.source().covered().isEmpty() || !allKeysKnown) {
            return 0;
        }
        List<Key> present = Stream.concat(
                        window.source().documents().stream().map(Document::key),
                        failed.stream().flatMap(document -> document.key().flatMap(this::parsed).stream()))
                .toList();
        return rows.deleteOthers(connection, window.source().covered().get(), present);
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

    private FailedDocument refused(Document document, String words) {
        return FailedDocument.of(document, "the table %s refuses it: %s".formatted(table.name(), words));
    }

    private static ShardCounters counters(
            EmbeddedWindow window,
            List<EmbeddedDocument> written,
            long unchanged,
            List<FailedDocument> failed,
            long orphansDeleted) {
        long chunks = 0;
        long tokens = 0;
        long truncated = 0;
        for (EmbeddedDocument document : written) {
            chunks += document.chunks().size();
            for (var embedded : document.chunks()) {
                tokens += embedded.chunk().tokens().length();
                truncated += embedded.chunk().tokens().truncated() ? 1 : 0;
            }
        }
        return new ShardCounters(
                window.source().work(),
                written.size(),
                unchanged,
                failed.size(),
                chunks,
                tokens,
                truncated,
                orphansDeleted);
    }
}
