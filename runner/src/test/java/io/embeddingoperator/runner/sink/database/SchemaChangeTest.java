package io.embeddingoperator.runner.sink.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SchemaChangeTest {
    private final String database = TestingPostgres.shared().newDatabase();

    @Test
    void aTableThatAnotherSessionHoldsIsLeftAloneAndThatSessionIsNamed() throws SQLException {
        TestingPostgres.execute(database, "CREATE TABLE held (id int)");
        SchemaChange change = SchemaChange.of("the table held", "relname = 'held'", Duration.ofMillis(300));
        try (Connection holder = TestingPostgres.connect(database);
                Connection connection = TestingPostgres.connect(database)) {
            int pid = hold(holder);

            assertThatThrownBy(() -> change.make(connection, statement -> {
                        statement.execute("CREATE TABLE beside (id int)");
                        statement.execute("ALTER TABLE held ADD added int");
                    }))
                    .isInstanceOfSatisfying(
                            UnavailableException.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.TRY_AGAIN))
                    .hasMessageStartingWith("the table held cannot be changed as long as the session with pid " + pid)
                    .hasMessageContaining("holds a lock on them since ")
                    .hasMessageEndingWith(": it is tried again, or end that session");
            assertThat(tables(connection)).as("nothing was changed").isEqualTo(1);

            // when it lets go
            holder.rollback();
            change.make(connection, statement -> statement.execute("ALTER TABLE held ADD added int"));
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    private static int hold(Connection holder) throws SQLException {
        holder.setAutoCommit(false);
        try (Statement statement = holder.createStatement()) {
            statement.execute("LOCK TABLE held IN ACCESS SHARE MODE");
            try (var row = statement.executeQuery("SELECT pg_backend_pid()")) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static int tables(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT count(*) FROM pg_class WHERE relname IN ('held', 'beside') AND relkind = 'r'")) {
            row.next();
            return row.getInt(1);
        }
    }
}
