package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.postgres.Database;
import io.embeddingoperator.runner.postgres.SqlWork;
import java.sql.SQLException;
import java.time.Duration;

/** The sink's database. What fails ends in a sentence that begins with what was being done. */
public final class SinkDatabase implements AutoCloseable {
    /** Shards commit, read hashes and report progress at the same time. */
    private static final int MAX_CONNECTIONS = 16;

    private final Database database;

    private SinkDatabase(Database database) {
        this.database = database;
    }

    /** @param patience how long work is tried again while the server is away */
    public static SinkDatabase open(ConnectionUri uri, Duration patience) {
        return new SinkDatabase(Database.open(uri, MAX_CONNECTIONS, patience));
    }

    /** Work that takes effect as a whole or not at all; it may run more than once. */
    public <T> T transaction(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.transaction(work));
    }

    /** Work that changes nothing. */
    public <T> T read(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.readOnly(work));
    }

    /** Work whose statements commit one by one and may take hours; it may run more than once. */
    public <T> T session(String doing, SqlWork<T> work) {
        return explained(doing, () -> database.session(work));
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
            throw database.failure(doing, e);
        }
    }
}
