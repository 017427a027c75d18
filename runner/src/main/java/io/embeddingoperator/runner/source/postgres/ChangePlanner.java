package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourcePlan;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Divides a table whose rows tell when they changed, and notes from where the next run reads on.
 *
 * @param overlap how much older an instant in the column of changes may be than the transaction that writes it
 */
record ChangePlanner(TableQueries queries, ChangeColumn column, TableSize size, Duration overlap) {
    /** Programs take the time from clocks of their own, and may do so before they begin a transaction. */
    static final Duration OVERLAP = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ChangePlanner.class);

    /** @param before the watermark of the last complete run; empty where all is to be read */
    SourcePlan plan(Connection connection, int shards, Optional<TableWatermark> before) throws SQLException {
        // First: what is committed later is for the next run, whether or not this one meets it.
        TableMoment now = TableMoment.of(connection, queries.table(), column, overlap);
        now.untold()
                .ifPresent(why -> LOG.warn(
                        "every run reads all rows of {}: {}", queries.table().name(), why));
        Optional<TableWatermark> since = before.filter(watermark -> isKept(watermark, now));
        warnOfPrepared(now);
        return since.isEmpty()
                ? new SourcePlan(
                        planner(queries).plan(connection, shards),
                        new SourcePlan.Everything(),
                        now.watermark(since).map(TableWatermark::watermark))
                : changes(connection, shards, since.get(), now);
    }

    private boolean isKept(TableWatermark watermark, TableMoment now) {
        Optional<String> breach = watermark.breach(now);
        breach.ifPresent(why ->
                LOG.warn("this run reads all rows of {}: {}", queries.table().name(), why));
        return breach.isEmpty() && now.untold().isEmpty();
    }

    private void warnOfPrepared(TableMoment now) {
        if (now.prepared() > 0) {
            LOG.warn(
                    "{} transactions are prepared in the source's database (pg_prepared_xacts), and the server does not tell when"
                            + " they began: until they are committed or rolled back each run reads all that changed since the last run"
                            + " without them",
                    now.prepared());
        }
    }

    private SourcePlan changes(Connection connection, int shards, TableWatermark since, TableMoment now)
            throws SQLException {
        TableQueries changed = queries.of(new ChangedSince(column, since.since()));
        List<ShardRange> ranges = planner(changed).plan(connection, shards);
        long documents = count(connection, changed);
        long all = count(connection, queries);
        long unread = Math.max(0, all - documents);
        boolean many = ChangedRange.areMany(documents, all);
        LOG.info(
                "{} of the {} documents of {} have changed since {} or may have: the others are not read",
                documents,
                all,
                queries.table().name(),
                since.since());
        List<ShardRange> kept = new ArrayList<>(ranges.size());
        for (ShardRange range : ranges) {
            kept.add(new ShardRange(
                    range.shard(),
                    new ChangedRange(since.since(), many, KeyBounds.parse(range.definition())).definition(),
                    range.work() + (range.shard() == 0 ? unread : 0)));
        }
        return new SourcePlan(
                kept,
                new SourcePlan.Changes(unread),
                now.watermark(Optional.of(since)).map(TableWatermark::watermark));
    }

    private RangePlanner planner(TableQueries read) {
        return new RangePlanner(read, size, RangePlanner.EXACT_ROWS, RangePlanner.BLOCKS_PER_SHARD);
    }

    private static long count(Connection connection, TableQueries counted) throws SQLException {
        try (PreparedStatement statement = counted.prepare(connection, counted.count());
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
