package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.StoredDocuments;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.DocumentKeys;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The windows of a shard that this process owns. One thread commits; others may read hashes meanwhile. */
public final class ShardWindows implements WindowSink {
    private final SinkDatabase database;
    private final Run run;
    private final SourceSchema schema;
    private final DocumentRows rows;
    private final WindowTransaction transaction;
    private final ShardFence fence;

    public ShardWindows(
            SinkDatabase database,
            ShardFence fence,
            EmbeddingTable table,
            Run run,
            ShardLease lease,
            SourceSchema schema,
            OrphanSearch orphans,
            Durability durability) {
        this.database = database;
        this.run = run;
        this.schema = schema;
        this.rows = new DocumentRows(table);
        this.transaction = new WindowTransaction(table, run, lease, orphans, durability);
        this.fence = fence;
    }

    @Override
    public StoredDocuments stored(List<Key> keys) {
        List<Key> storable = keys.stream()
                .filter(key -> StorableDocument.refusal(key).isEmpty())
                .toList();
        return database.read("Looking for stored documents", connection -> {
            KeyedPlans.use(connection);
            return rows.stored(connection, storable);
        });
    }

    @Override
    public List<FailedDocument> duplicates(SourceWindow window) {
        if (schema.order() == KeyOrder.BY_KEY) {
            return List.of();
        }
        List<Document> documents = window.documents().stream()
                .filter(document -> StorableDocument.refusal(document.key()).isEmpty())
                .toList();
        List<String> keys =
                documents.stream().map(document -> document.key().toString()).toList();
        List<String> locations = documents.stream().map(Document::location).toList();
        Map<String, String> owners = database.transaction(
                "Noting the keys of a window", connection -> DocumentKeys.claim(connection, run.id(), keys, locations));
        return documents.stream()
                .flatMap(document -> duplicate(document, owners).stream())
                .toList();
    }

    @Override
    public Counts commit(Window<EmbeddedDocument> window) {
        return fence.change(
                "Committing a window",
                (connection, shard, windows) -> transaction.run(connection, window, shard, windows));
    }

    @Override
    public Counts keep(List<EmbeddedDocument> documents) {
        return fence.change(
                "Keeping a part of a window",
                (connection, shard, windows) -> transaction.keep(connection, documents, shard, windows));
    }

    @Override
    public void complete() {
        fence.complete();
    }

    private static Optional<FailedDocument> duplicate(Document document, Map<String, String> owners) {
        String owner = Objects.requireNonNull(owners.get(document.key().toString()));
        return document.location().equals(owner)
                ? Optional.empty()
                : Optional.of(FailedDocument.of(
                        document,
                        "key '%s' was already read at %s: the first one is kept, give this one a key of its own"
                                .formatted(document.key(), owner)));
    }
}
