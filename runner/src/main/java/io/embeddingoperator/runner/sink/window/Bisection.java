package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.runner.postgres.SqlFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes many things inside a transaction. When the server refuses what one of them holds, halves are tried again and again
 * until the one at fault stands alone, and all others are written.
 */
final class Bisection<T> {
    private final Connection connection;
    private final Write<T> write;
    private final List<T> written = new ArrayList<>();
    private final List<Refusal<T>> refused = new ArrayList<>();

    private Bisection(Connection connection, Write<T> write) {
        this.connection = connection;
        this.write = write;
    }

    /**
     * With anything else it throws, what was written by then is undone.
     *
     * @throws SQLException for what is not the fault of any one thing; the transaction cannot go on
     */
    static <T> Outcome<T> write(Connection connection, List<T> things, Write<T> write) throws SQLException {
        Bisection<T> bisection = new Bisection<>(connection, write);
        if (!things.isEmpty()) {
            // It is not released, which would cost a round trip: it ends with the transaction.
            Savepoint before = connection.setSavepoint();
            try {
                bisection.bisect(things, before);
            } catch (RuntimeException e) {
                connection.rollback(before);
                throw e;
            }
        }
        return new Outcome<>(bisection.written, bisection.refused);
    }

    private void bisect(List<T> things, Savepoint before) throws SQLException {
        try {
            write.write(things);
            written.addAll(things);
        } catch (SQLException e) {
            if (SqlFailure.of(e) != SqlFailure.DATA) {
                throw e;
            }
            connection.rollback(before);
            if (things.size() == 1) {
                refused.add(new Refusal<>(things.getFirst(), SqlFailure.words(e)));
                return;
            }
            int half = things.size() / 2;
            bisect(things.subList(0, half));
            bisect(things.subList(half, things.size()));
        }
    }

    private void bisect(List<T> part) throws SQLException {
        Savepoint before = connection.setSavepoint();
        bisect(part, before);
        connection.releaseSavepoint(before);
    }

    /** Writes all of the things, or fails. */
    interface Write<T> {
        void write(List<T> things) throws SQLException;
    }

    /** What became of the things. */
    record Outcome<T>(List<T> written, List<Refusal<T>> refused) {
        Outcome {
            written = List.copyOf(written);
            refused = List.copyOf(refused);
        }
    }

    /** Something that the server refused, in the server's words. */
    record Refusal<T>(T thing, String words) {}
}
