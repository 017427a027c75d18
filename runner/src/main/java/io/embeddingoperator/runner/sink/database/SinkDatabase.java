package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.postgres.Access;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.SqlFailure;
import io.embeddingoperator.runner.postgres.SqlWork;
import java.sql.SQLException;
import java.time.Duration;

/** The sink's database. What fails ends in a sentence that begins with what was being done. */
public final class SinkDatabase implements AutoCloseable {
    /** Shards commit, read hashes and report progress at the same time. */
    private static final int MAX_CONNECTIONS = 16;

    private static final String STATE = "embedding_operator";

    private final Database database;
    private volatile boolean prepared;

    private SinkDatabase(Database database) {
        this.database = database;
    }

    /** @param patience how long work is tried again while the server is away */
    public static SinkDatabase open(ConnectionUri uri, Duration patience) {
        return new SinkDatabase(Database.open(uri.forWriting(), Access.WRITES, MAX_CONNECTIONS, patience));
    }

    /** All that a run needs is there from now on: where something is missing later, it was lost. */
    public void prepared() {
        prepared = true;
    }

    /** Work that takes effect as a whole or not at all; it may run more than once. */
    public <T> T transaction(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.transaction(doing, work));
    }

    /** Work that changes nothing. */
    public <T> T read(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.readOnly(doing, work));
    }

    /** Work whose statements commit one by one and may take hours; it may run more than once. */
    public <T> T session(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.session(doing, work));
    }

    @Override
    public void close() {
        database.close();
    }

    private interface Call<T> {
        T run() throws SQLException;
    }

    private <T> T explained(String doing, Call<T> call) {
        try {
            return call.run();
        } catch (SQLException e) {
            if (prepared && isGone(e)) {
                throw new UnavailableException(
                        ("%s in %s failed: %s: what this run had made there is gone, dropped, or unknown to a standby that took"
                                        + " over: run again, and it is made anew")
                                .formatted(doing, database.uri(), SqlFailure.words(e)),
                        e);
            }
            throw database.failure(doing, e);
        }
    }

    /** A table or a schema, or the run's row that others refer to. */
    private static boolean isGone(SQLException failure) {
        return switch (SqlFailure.state(failure)) {
            case "42P01", "3F000" -> true;
            case "23503" -> SqlFailure.schema(failure).filter(STATE::equals).isPresent();
            default -> false;
        };
    }
}
