package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.sink.pending.ImportOutcome;
import io.embeddingoperator.runner.sink.pending.OutdatedMatchException;
import io.embeddingoperator.runner.sink.pending.PendingRows;
import io.embeddingoperator.runner.sink.pending.PendingRows.Known;
import io.embeddingoperator.runner.sink.pending.PendingRows.Version;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Shards;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.KeyedPlans;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The one transaction in which vectors of pending documents take effect: their rows are replaced, they wait no more, and the
 * counters tell; or nothing. What is not pending any more is ignored, so that a result that comes twice, late or from elsewhere
 * does no harm.
 */
public final class ImportTransaction {
    private final Run run;
    private final ShardLease lease;
    private final PendingRows pending;
    private final DocumentWrites writes;

    public ImportTransaction(EmbeddingTable table, Run run, ShardLease lease) {
        this.run = run;
        this.lease = lease;
        this.pending = new PendingRows(run, lease.shard());
        this.writes = new DocumentWrites(table);
    }

    /**
     * Results of a batch of this shard. The commit does not wait for the disk: what a crash of the server takes back can be
     * read from the provider again, until the end of the batch, which does wait, makes all of it safe.
     *
     * @param vectors by the ordinal of their document
     * @param rows of documents that waited for them when they were looked up; whether they still do is found out here
     * @throws OutdatedMatchException when a document changed since it was looked up, and nothing may be committed
     */
    public ImportOutcome results(
            Connection connection,
            String batch,
            Map<Integer, float[][]> vectors,
            List<PendingRows.Row> rows,
            Shards.Locked shard,
            long windows)
            throws SQLException {
        KeyedPlans.use(
                connection,
                List.of(WindowTransaction.CHECK_AT_ONCE, WindowTransaction.COMMIT_WITHOUT_WAITING_FOR_THE_DISK));
        List<PendingRows.Row> complete =
                rows.stream().filter(row -> isComplete(row, vectors)).toList();
        List<Integer> incomplete = rows.stream()
                .filter(row -> !isComplete(row, vectors))
                .map(PendingRows.Row::ordinal)
                .toList();
        Map<Integer, Version> taken = pending.take(
                connection,
                batch,
                complete.stream().map(PendingRows.Row::ordinal).toList());
        List<EmbeddedDocument> documents = new ArrayList<>(taken.size());
        Set<String> unread = new HashSet<>();
        for (PendingRows.Row row : complete) {
            Version version = taken.get(row.ordinal());
            if (version == null) {
                continue;
            }
            if (!version.equals(row.version())) {
                throw new OutdatedMatchException(batch, row.ordinal());
            }
            documents.add(row.document().embedded(vectors(row, vectors)));
            if (row.unread()) {
                unread.add(row.document().document().key().toString());
            }
        }
        int ignored = vectors.size() - documents.size() - incomplete.size();
        return write(connection, documents, List.of(), unread, ignored, incomplete, shard, windows);
    }

    private static boolean isComplete(PendingRows.Row row, Map<Integer, float[][]> vectors) {
        return vectors(row, vectors).length == row.document().chunks().size();
    }

    /** Rows are looked up by the ordinals of vectors. */
    private static float[][] vectors(PendingRows.Row row, Map<Integer, float[][]> byOrdinal) {
        return Objects.requireNonNull(byOrdinal.get(row.ordinal()));
    }

    /** Documents of this shard that were embedded without a batch, and some that could not be. */
    public ImportOutcome embedded(
            Connection connection,
            List<EmbeddedDocument> embedded,
            List<FailedDocument> failed,
            Shards.Locked shard,
            long windows)
            throws SQLException {
        KeyedPlans.use(connection, List.of(WindowTransaction.CHECK_AT_ONCE));
        Map<String, Known> known = pending.findUnassigned(
                connection,
                Stream.concat(
                                embedded.stream()
                                        .map(document ->
                                                document.document().key().toString()),
                                failed.stream().map(document -> document.key().orElseThrow()))
                        .toList());
        List<Long> done = new ArrayList<>(known.size());
        List<EmbeddedDocument> waiting = new ArrayList<>(embedded.size());
        for (EmbeddedDocument document : embedded) {
            Known row = known.get(document.document().key().toString());
            if (row != null && row.hash().equals(document.hash())) {
                waiting.add(document);
                done.add(row.id());
            }
        }
        List<FailedDocument> failing = new ArrayList<>(failed.size());
        for (FailedDocument document : failed) {
            Known row = known.get(document.key().orElseThrow());
            if (row != null) {
                failing.add(document);
                done.add(row.id());
            }
        }
        pending.delete(connection, done);
        int ignored = embedded.size() + failed.size() - done.size();
        return write(connection, waiting, failing, Set.of(), ignored, List.of(), shard, windows);
    }

    /** @param unread keys of documents that are counted when they are read */
    private ImportOutcome write(
            Connection connection,
            List<EmbeddedDocument> documents,
            List<FailedDocument> failedBefore,
            Set<String> unread,
            int ignored,
            List<Integer> incomplete,
            Shards.Locked shard,
            long windows)
            throws SQLException {
        List<FailedDocument> failed = new ArrayList<>(failedBefore);
        List<EmbeddedDocument> written = writes.replace(connection, documents, shard.now(), failed);
        failed.removeIf(document -> unread.contains(document.key().orElseThrow()));
        FailedDocuments.record(connection, run.id(), lease.shard(), failed);
        long countedLater = written.stream()
                .filter(document -> unread.contains(document.document().key().toString()))
                .count();
        Counts counters = shard.counters()
                .plus(DocumentWrites.counted(written).withoutDocuments(countedLater))
                .plus(Counts.failed(failed.size()));
        Shards.count(connection, run, lease, windows, counters);
        return new ImportOutcome(counters, written.size(), failed.size(), ignored, incomplete);
    }
}
