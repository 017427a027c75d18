package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.sink.batch.BatchCapacity;
import io.embeddingoperator.runner.sink.batch.BatchContents;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.batch.PendingTotals;
import io.embeddingoperator.runner.sink.batch.PendingTotals.Amount;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.pending.ImportEnd;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.pending.OutdatedMatchException;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.Batches;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.state.Spendings;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import io.embeddingoperator.runner.sink.window.ImportTransaction;
import io.embeddingoperator.runner.sink.window.OrphanSearch;
import io.embeddingoperator.runner.sink.window.PackTransaction;
import io.embeddingoperator.runner.sink.window.ShardFence;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a shard that wait for their vectors, and the batches that bring them. What is written here is a transaction
 * each, takes effect exactly once and under the newest epoch alone; any thread may call.
 *
 * <p>All methods throw {@link io.embeddingoperator.runner.failure.ShardTakenOverException} when they write and another
 * process owns the shard, {@link io.embeddingoperator.runner.failure.CheckpointLostException} when the server lost what it had
 * confirmed before, and {@link io.embeddingoperator.runner.failure.UnavailableException} when it stays away.
 */
public final class PendingDocuments {
    private static final int ID_BYTES = 10;
    private static final int PAGE_DOCUMENTS = 1_000;
    private static final long PAGE_BYTES = 4 * 1024 * 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SinkDatabase database;
    private final ShardFence fence;
    private final Run run;
    private final ShardLease lease;
    private final Optional<Prepared> prepared;
    private final BatchMoney money;
    private final PendingRows rows;

    /** What there is once the sink was prepared. */
    private record Prepared(EmbeddingTable table, PackTransaction packing, ImportTransaction importing) {}

    /** @param table null where the sink was not prepared: then there are batches, and no documents */
    public PendingDocuments(
            SinkDatabase database,
            ShardFence fence,
            Run run,
            ShardLease lease,
            @Nullable EmbeddingTable table,
            OrphanSearch orphans,
            BatchMoney money) {
        this.database = database;
        this.fence = fence;
        this.run = run;
        this.lease = lease;
        this.prepared = Optional.ofNullable(table)
                .map(found -> new Prepared(
                        found,
                        new PackTransaction(found, run, lease, orphans),
                        new ImportTransaction(found, run, lease)));
        this.money = money;
        this.rows = new PendingRows(run, lease.shard());
    }

    /**
     * Commits a window whose vectors come later: writes its documents down, records what failed, moves the checkpoint and
     * the counters. A document that waits already with the same hash, in a batch of the run before, goes on waiting in it;
     * one that waits with another hash is replaced, and what its batch brings for it is ignored.
     *
     * @return the shard's counters after the commit; {@code embedded} grows when vectors are imported
     */
    public Counts commit(Window<WaitingDocument> window) {
        Prepared sink = prepared();
        return fence.change(
                "Committing a window of pending documents",
                (connection, shard, windows) -> sink.packing().run(connection, window, shard, windows));
    }

    /** What waits, as it is now. */
    public PendingTotals totals() {
        return database.read("Counting pending documents", connection -> {
            List<Amount> unassigned = rows.unassigned(connection);
            return new PendingTotals(
                    unassigned.getFirst(),
                    unassigned.getLast(),
                    Batches.contents(connection, run, lease.shard()),
                    Batches.enqueuedTokens(connection, run));
        });
    }

    /**
     * Packs the oldest documents that fit and are in no batch, in the order in which they were read.
     *
     * @return empty when there is none, or not even the first one fits
     */
    public Optional<BatchRecord> assign(BatchCapacity capacity) {
        return fence.change("Packing a batch", (connection, shard, windows) -> {
            byte[] random = new byte[ID_BYTES];
            RANDOM.nextBytes(random);
            String id = "eb" + HexFormat.of().formatHex(random);
            Amount amount = rows.assign(connection, id, capacity);
            Optional<BatchRecord> batch = amount.documents() == 0
                    ? Optional.empty()
                    : Optional.of(Batches.insert(
                            connection, run, packed(id, amount, shard.now()), money.usdPerMillionTokens()));
            Shards.count(connection, run, lease, windows, shard.counters());
            return batch;
        });
    }

    /** The batches of the shard that are not over, the oldest first; also those of earlier owners and of the run before. */
    public List<BatchRecord> batches() {
        return database.read("Reading batches", connection -> Batches.unfinished(connection, run, lease.shard()));
    }

    /**
     * Writes down what happened to a batch, all of it.
     *
     * <p>The step from {@link BatchState#Packed} asks for the money: from there on its tokens count as spent, until it is
     * known how many are billed.
     *
     * @throws BudgetExhaustedException when the run may not spend so much
     */
    public BatchRecord advance(BatchRecord batch) {
        return fence.change("Writing down a batch", (connection, shard, windows) -> {
            if (batch.state() != BatchState.Packed) {
                askForMoney(connection, batch);
            }
            BatchRecord written = Batches.update(connection, run, batch);
            Shards.count(connection, run, lease, windows, shard.counters());
            return written;
        });
    }

    /** Reads the documents of a batch that are still pending in it, by ascending ordinal; memory holds some of them. */
    public void documents(String batch, Consumer<PendingRows.Row> consumer) {
        for (int from = 0; ; ) {
            int first = from;
            List<PendingRows.Row> page = database.read(
                    "Reading the documents of a batch",
                    connection -> rows.read(connection, prepared().table(), batch, first, PAGE_DOCUMENTS, PAGE_BYTES));
            page.forEach(consumer);
            if (page.isEmpty()) {
                return;
            }
            from = page.getLast().ordinal() + 1;
        }
    }

    /** The first document from a place on that is still pending in a batch. */
    public Optional<WaitingDocument> document(String batch, int from) {
        return database
                .read(
                        "Reading a document of a batch",
                        connection -> rows.read(connection, prepared().table(), batch, from, 1, PAGE_BYTES))
                .stream()
                .map(PendingRows.Row::document)
                .findFirst();
    }

    /** What still waits in a batch. */
    public BatchContents contents(BatchRecord batch) {
        return database.read(
                "Reading the documents of a batch",
                connection -> PendingRows.contents(connection, batch.id(), batch.documents()));
    }

    /**
     * Finds the documents that wait for results, and changes nothing: it may be done while other results are imported, so that
     * their import need not be waited for.
     */
    public List<PendingRows.Row> find(String batch, Set<Integer> ordinals) {
        return database.read("Reading the documents of a batch", connection -> {
            KeyedPlans.use(connection);
            return rows.find(connection, prepared().table(), batch, ordinals);
        });
    }

    /**
     * Replaces the rows of those documents that are still pending in the batch. A document that the server refuses for its
     * own content is recorded as failed; what is not pending any more is ignored. Safe from a crash of the server once
     * {@link #imported} returns: what was lost before is pending again.
     *
     * @param vectors by the ordinal of their document, one a chunk, in the chunks' order
     * @param found what {@link #find} found for them
     */
    public ImportOutcome importVectors(String batch, Map<Integer, float[][]> vectors, List<PendingRows.Row> found) {
        Prepared sink = prepared();
        try {
            return fence.change("Importing vectors", (connection, shard, windows) -> {
                mine(connection, batch);
                return sink.importing().results(connection, batch, vectors, found, shard, windows);
            });
        } catch (OutdatedMatchException e) {
            // Each document changes once at the most: when it is read by a run that took it over.
            return importVectors(batch, vectors);
        }
    }

    /** As above, for vectors whose documents were not looked up. */
    public ImportOutcome importVectors(String batch, Map<Integer, float[][]> vectors) {
        return importVectors(batch, vectors, find(batch, vectors.keySet()));
    }

    /**
     * Ends the import of a batch: what failed is recorded, what is left waits for another batch, and the batch is written
     * down as it is given. Also where nothing could be imported.
     *
     * @return the shard's counters
     */
    public Counts imported(BatchRecord batch, ImportEnd end) {
        return fence.change("Ending a batch", (connection, shard, windows) -> {
            mine(connection, batch.id());
            List<FailedDocument> failed = new ArrayList<>(failed(
                    PendingRows.remove(connection, batch.id(), end.failed().keySet()), end.failed(), ""));
            failed.addAll(failed(
                    PendingRows.release(
                            connection, batch.id(), end.undone().keySet(), end.othersCount(), ImportEnd.MAX_ATTEMPTS),
                    end.undone(),
                    end.otherwise()));
            FailedDocuments.record(connection, run.id(), lease.shard(), failed);
            Batches.update(connection, run, batch);
            Counts counters = shard.counters().plus(new Counts(0, 0, 0, failed.size(), 0, 0, 0, 0, 0));
            Shards.count(connection, run, lease, windows, counters);
            return counters;
        });
    }

    /**
     * The next documents that are embedded without a batch, in the order in which they were read; the same ones until
     * {@link #importEmbedded} took care of them.
     *
     * @param oversizeOnly whether those that a batch could take are left out
     * @param bytes of their texts after which no more are given
     */
    public List<WaitingDocument> takeRealtime(boolean oversizeOnly, int documents, long bytes) {
        return database
                .read(
                        "Reading pending documents",
                        connection -> rows.unassigned(connection, prepared().table(), oversizeOnly, documents, bytes))
                .stream()
                .map(PendingRows.Row::document)
                .toList();
    }

    /**
     * Replaces the rows of those documents that are still pending, with the same hash, and in no batch.
     *
     * @param failed documents that could not be embedded, with their keys
     */
    public ImportOutcome importEmbedded(List<EmbeddedDocument> embedded, List<FailedDocument> failed) {
        Prepared sink = prepared();
        return fence.change(
                "Importing documents",
                (connection, shard, windows) ->
                        sink.importing().embedded(connection, embedded, failed, shard, windows));
    }

    /** Forgets all documents that are in no batch: for a run that reads them all again. */
    public void discardUnassigned() {
        fence.change("Forgetting pending documents", (connection, shard, windows) -> {
            rows.discardUnassigned(connection);
            Shards.count(connection, run, lease, windows, shard.counters());
            return true;
        });
    }

    private void askForMoney(Connection connection, BatchRecord batch) throws SQLException {
        if (mine(connection, batch.id()) != BatchState.Packed || money.maxUsd().isEmpty()) {
            return;
        }
        BigDecimal cost = money.usdPerMillionTokens()
                .multiply(BigDecimal.valueOf(batch.tokens()))
                .movePointLeft(6);
        Spendings.Money spent = Spendings.locked(connection, run.id());
        BigDecimal max = money.maxUsd().get();
        if (spent.committed().add(cost).compareTo(max) > 0) {
            throw new BudgetExhaustedException(
                    ("spec.budget.maxCostUsd is %s, of which %s are spent, and the next batch of %,d documents costs %s:"
                                    + " raise or remove the budget, and the run goes on from its checkpoint")
                            .formatted(
                                    max.toPlainString(),
                                    spent.committed().stripTrailingZeros().toPlainString(),
                                    batch.documents(),
                                    cost.stripTrailingZeros().toPlainString()));
        }
    }

    private BatchState mine(Connection connection, String batch) throws SQLException {
        return Batches.state(connection, run, lease.shard(), batch)
                .orElseThrow(() ->
                        new IllegalStateException("batch %s is none of shard %d".formatted(batch, lease.shard())));
    }

    private BatchRecord packed(String id, Amount amount, Instant now) {
        return new BatchRecord(
                id,
                lease.shard(),
                BatchState.Packed,
                Math.toIntExact(amount.documents()),
                Math.toIntExact(amount.inputs()),
                amount.tokens(),
                amount.bytes(),
                BatchRecord.ProviderState.NOTHING,
                0,
                0,
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                now,
                now);
    }

    /** Documents that this run has not read yet are left to it: it records them when it meets them. */
    private static List<FailedDocument> failed(
            List<PendingRows.Removed> removed, Map<Integer, String> reasons, String otherwise) {
        return removed.stream()
                .filter(row -> !row.unread())
                .map(row -> new FailedDocument(
                        Optional.of(row.key()), row.location(), reasons.getOrDefault(row.ordinal(), otherwise)))
                .toList();
    }

    private Prepared prepared() {
        return prepared.orElseThrow(() -> new IllegalStateException("prepare() comes first"));
    }
}
