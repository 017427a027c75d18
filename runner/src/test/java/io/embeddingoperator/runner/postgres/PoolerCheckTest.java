package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingPooler;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolerCheckTest {
    private static final String VARIABLE = "EMBEDDING_SINK_URI";

    @ParameterizedTest
    @CsvSource({
        "transaction, 1, ''",
        "transaction, 5, ''",
        "transaction, 5, ?prepareThreshold=0",
        "statement, 1, ''",
        "statement, 2, ''"
    })
    void poolerThatSharesSessionsIsRefusedForEachUse(String mode, int sessions, String parameters) {
        String database = TestingPostgres.shared().newDatabase();
        try (TestingPooler pooler = TestingPooler.start(database, mode, sessions)) {
            ConnectionUri uri = ConnectionUri.parse(VARIABLE, jdbc(pooler.uri(database), parameters));
            for (Access access : Access.values()) {
                assertThatThrownBy(() -> Database.open(uri, access, 4))
                        .isInstanceOf(SpecificationException.class)
                        .hasMessageStartingWith(
                                "EMBEDDING_SINK_URI: " + uri + " is a connection pooler that gives a client"
                                        + " another session of the server for each transaction or statement")
                        .hasMessageEndingWith("(pgbouncer: pool_mode = session)");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 20})
    void poolerOfWholeSessionsServesAsTheServerItself(int sessions) throws SQLException {
        String database = TestingPostgres.shared().newDatabase();
        try (TestingPooler pooler = TestingPooler.start(database, "session", sessions);
                Database open = Database.open(ConnectionUri.parse(VARIABLE, pooler.uri(database)), Access.WRITES, 2)) {
            assertThat(open.<String>session("Asking", connection -> {
                        try (var row = connection.createStatement().executeQuery("SHOW search_path")) {
                            row.next();
                            return row.getString(1);
                        }
                    }))
                    .isEqualTo("pg_catalog, public, pg_temp");
        }
    }

    private static String jdbc(String uri, String parameters) {
        return uri.replaceFirst("postgresql://([^:]*):([^@]*)@(.*)", "jdbc:postgresql://$3?user=$1&password=$2")
                + parameters.replace("?", "&");
    }
}
