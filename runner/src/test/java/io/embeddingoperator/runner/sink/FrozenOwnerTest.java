package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** A process that freezes keeps its sessions, and with them its locks: the server takes it for alive. */
class FrozenOwnerTest {
    private final String database = newDatabase();

    @Test
    void anOwnerThatFreezesInTheMiddleOfItsRowsDoesNotKeepItsShard() throws SQLException {
        Connection frozen = TestingPostgres.connect(database);
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given: no time limit of the server ends a COPY that waits for its client
            Run run = run(sink, 1);
            ShardLease first = sink.take(run, 0).orElseThrow();
            frozen.setAutoCommit(false);
            lockShard(frozen);
            CopyIn copy = frozen.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY vectors FROM STDIN");

            // when
            ShardLease second = sink.take(run, 0).orElseThrow();

            // then
            assertThat(second.epoch()).isGreaterThan(first.epoch());
            assertThatThrownBy(copy::endCopy).isInstanceOf(SQLException.class);
        } finally {
            frozen.abort(Runnable::run);
        }
    }

    private static void lockShard(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT FROM embedding_operator.shards FOR UPDATE");
        }
    }
}
