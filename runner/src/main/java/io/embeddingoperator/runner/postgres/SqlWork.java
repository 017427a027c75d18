package io.embeddingoperator.runner.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Statements that belong together. */
@FunctionalInterface
public interface SqlWork<T> {
    /** May run more than once: nothing outside the transaction may depend on how often. */
    T run(Connection connection) throws SQLException;
}
