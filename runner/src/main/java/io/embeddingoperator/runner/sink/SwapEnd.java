package io.embeddingoperator.runner.sink;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.runner.sink.database.AdvisoryLock;
import io.embeddingoperator.runner.sink.generation.Swap;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.FailedDocuments;
import io.embeddingoperator.runner.sink.state.Orphans;
import io.embeddingoperator.runner.sink.state.Runs;
import io.embeddingoperator.runner.sink.window.OrphanLimit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a run into a table that is to take the place of another one: the exchange, unless documents would be lost that the
 * manifest does not give up.
 *
 * @param maxFailed how many documents may fail, which the live table may have
 * @param limit of the documents of the live table that may be gone
 */
record SwapEnd(Swap swap, Run run, OrphanPolicy orphans, long maxFailed, OrphanLimit limit) {
    private static final Logger LOG = LoggerFactory.getLogger(SwapEnd.class);

    /** Ends the run, with the exchange or without it. */
    void reach(Connection connection) throws SQLException {
        Counts read = Runs.state(connection, run).totals();
        if (read.failed() > maxFailed
                || FailedDocuments.damage(connection, run.id()).isPresent()) {
            Runs.complete(connection, run.id());
            return;
        }
        Optional<String> refusal = swap.refusal(connection, run.id(), orphans, limit, read);
        if (refusal.isPresent()) {
            LOG.error("{}", refusal.get());
            Orphans.hold(connection, run.id(), refusal.get());
            return;
        }
        // A process that prepares the tables finds them as they were, or as they are then.
        AdvisoryLock.preparation(swap.live().name()).holding(connection, this::exchange);
    }

    private Void exchange(Connection locked) throws SQLException {
        swap.exchange(locked, run.id());
        return null;
    }

    /** What a person should know of the tables. */
    String note(Connection connection) throws SQLException {
        return swap.note(connection, run.id());
    }
}
