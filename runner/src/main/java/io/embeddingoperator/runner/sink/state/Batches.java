package io.embeddingoperator.runner.sink.state;

import io.embeddingoperator.runner.sink.batch.BatchCounts;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchRecord.ProviderState;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.batch.PendingTotals.Amount;
import io.embeddingoperator.runner.sink.run.Run;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The table embedding_operator.batches: what was handed to the provider, and how far it is. */
public final class Batches {
    /** The states after which nothing remains to be done. */
    static final Object[] OVER = names(true);

    /** What a batch costs from the moment on at which a runner begins to hand it over. */
    static final String COST =
            "CASE WHEN state = 'Packed' THEN 0 ELSE coalesce(billed_tokens, tokens) * usd_per_million_tokens / 1000000 END";

    /** Batches of a run by what became of them. */
    static final String COUNTS = """
            count(*) FILTER (WHERE provider_batch_id IS NOT NULL)::int AS submitted,
            count(*) FILTER (WHERE state IN ('Submitted', 'Cancelling', 'Importing'))::int AS in_progress,
            count(*) FILTER (WHERE state IN ('Imported', 'Done'))::int AS completed,
            count(*) FILTER (WHERE state IN ('Failed', 'Expired', 'Cancelled'))::int AS failed""";

    private static final String COLUMNS = "batch_id, shard, state, documents, inputs, tokens, bytes, input_file_id,"
            + " provider_batch_id, output_file_id, error_file_id, provider_status, error, uploads, creations, billed_tokens,"
            + " expires_at, submitted_at, created_at, changed_at";

    private Batches() {}

    /** Stores a batch that was just packed; its times are those of the transaction. */
    public static BatchRecord insert(Connection connection, Run run, BatchRecord batch, BigDecimal usdPerMillionTokens)
            throws SQLException {
        String sql = "INSERT INTO embedding_operator.batches"
                + " (batch_id, run_id, shard, state, documents, inputs, tokens, bytes, usd_per_million_tokens)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING " + COLUMNS;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch.id());
            statement.setLong(2, run.id());
            statement.setInt(3, batch.shard());
            statement.setString(4, batch.state().name());
            statement.setInt(5, batch.documents());
            statement.setInt(6, batch.inputs());
            statement.setLong(7, batch.tokens());
            statement.setLong(8, batch.bytes());
            statement.setBigDecimal(9, usdPerMillionTokens);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return read(row);
            }
        }
    }

    /** Writes down what happened to a batch of the shard. */
    public static BatchRecord update(Connection connection, Run run, BatchRecord batch) throws SQLException {
        String sql = """
                UPDATE embedding_operator.batches SET
                  state = ?, input_file_id = ?, provider_batch_id = ?, output_file_id = ?, error_file_id = ?,
                  provider_status = ?, error = ?, uploads = ?, creations = ?, billed_tokens = ?, expires_at = ?,
                  submitted_at = ?, changed_at = now()
                WHERE batch_id = ? AND run_id = ? AND shard = ?
                RETURNING %s
                """.formatted(COLUMNS);
        ProviderState atProvider = batch.atProvider();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch.state().name());
            statement.setString(2, atProvider.inputFileId().orElse(null));
            statement.setString(3, atProvider.providerBatchId().orElse(null));
            statement.setString(4, atProvider.outputFileId().orElse(null));
            statement.setString(5, atProvider.errorFileId().orElse(null));
            statement.setString(6, atProvider.providerStatus().orElse(null));
            statement.setString(
                    7, atProvider.error().map(FailedDocuments::storable).orElse(null));
            statement.setInt(8, batch.uploads());
            statement.setInt(9, batch.creations());
            statement.setObject(
                    10, batch.billedTokens().isPresent() ? batch.billedTokens().getAsLong() : null, Types.BIGINT);
            statement.setObject(11, time(batch.expiresAt()), Types.TIMESTAMP_WITH_TIMEZONE);
            statement.setObject(12, time(batch.submittedAt()), Types.TIMESTAMP_WITH_TIMEZONE);
            statement.setString(13, batch.id());
            statement.setLong(14, run.id());
            statement.setInt(15, batch.shard());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new IllegalStateException(
                            "batch %s is none of shard %d".formatted(batch.id(), batch.shard()));
                }
                return read(row);
            }
        }
    }

    /** The stored state of a batch of the shard. */
    public static Optional<BatchState> state(Connection connection, Run run, int shard, String batch)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT state FROM embedding_operator.batches WHERE batch_id = ? AND run_id = ? AND shard = ?")) {
            statement.setString(1, batch);
            statement.setLong(2, run.id());
            statement.setInt(3, shard);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(BatchState.valueOf(row.getString(1))) : Optional.empty();
            }
        }
    }

    /** The batches of a shard that are not over, in the order in which they were packed. */
    public static List<BatchRecord> unfinished(Connection connection, Run run, int shard) throws SQLException {
        List<BatchRecord> batches = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM embedding_operator.batches WHERE run_id = ? AND shard = ? AND NOT state = ANY (?)"
                + " ORDER BY created_at, batch_id")) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            statement.setArray(3, connection.createArrayOf("text", OVER));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    batches.add(read(row));
                }
            }
        }
        return batches;
    }

    /** What is in the batches of a shard, until they are imported to the end; what is cancelled leaves them again. */
    public static Amount contents(Connection connection, Run run, int shard) throws SQLException {
        String sql = """
                SELECT coalesce(sum(documents), 0), coalesce(sum(inputs), 0), coalesce(sum(tokens), 0), coalesce(sum(bytes), 0)
                FROM embedding_operator.batches WHERE run_id = ? AND shard = ?
                  AND state IN ('Packed', 'Uploading', 'Uploaded', 'Creating', 'Submitted', 'Importing')
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run.id());
            statement.setInt(2, shard);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Amount(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
            }
        }
    }

    /** Tokens of all batches of the run that the provider has or may have. */
    public static long enqueuedTokens(Connection connection, Run run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT coalesce(sum(tokens), 0) FROM embedding_operator.batches WHERE run_id = ? AND state = ANY (?)")) {
            statement.setLong(1, run.id());
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            Arrays.stream(BatchState.values())
                                    .filter(BatchState::enqueued)
                                    .map(BatchState::name)
                                    .toArray()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Batches of the run by what became of them, those included whose rows are gone; empty without any. */
    public static Optional<BatchCounts> counts(Connection connection, long run) throws SQLException {
        String sql = """
                SELECT b.*, r.batches_submitted, r.batches_completed, r.batches_failed
                FROM embedding_operator.runs r,
                  (SELECT %s FROM embedding_operator.batches WHERE run_id = ?) b
                WHERE run_id = ?
                """.formatted(COUNTS);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, run);
            statement.setLong(2, run);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                BatchCounts counts = new BatchCounts(row.getInt(1), row.getInt(2), row.getInt(3), row.getInt(4))
                        .plus(new BatchCounts(row.getInt(5), 0, row.getInt(6), row.getInt(7)));
                return Optional.of(counts).filter(some -> !some.equals(BatchCounts.NONE));
            }
        }
    }

    private static Object[] names(boolean over) {
        return Arrays.stream(BatchState.values())
                .filter(state -> state.over() == over)
                .map(BatchState::name)
                .toArray();
    }

    private static BatchRecord read(ResultSet row) throws SQLException {
        long billed = row.getLong("billed_tokens");
        OptionalLong billedTokens = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(billed);
        return new BatchRecord(
                row.getString("batch_id"),
                row.getInt("shard"),
                BatchState.valueOf(row.getString("state")),
                row.getInt("documents"),
                row.getInt("inputs"),
                row.getLong("tokens"),
                row.getLong("bytes"),
                new ProviderState(
                        text(row, "input_file_id"),
                        text(row, "provider_batch_id"),
                        text(row, "output_file_id"),
                        text(row, "error_file_id"),
                        text(row, "provider_status"),
                        text(row, "error")),
                row.getInt("uploads"),
                row.getInt("creations"),
                billedTokens,
                instant(row, "expires_at"),
                instant(row, "submitted_at"),
                instant(row, "created_at").orElseThrow(),
                instant(row, "changed_at").orElseThrow());
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static @Nullable OffsetDateTime time(Optional<Instant> instant) {
        return instant.map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null);
    }
}
