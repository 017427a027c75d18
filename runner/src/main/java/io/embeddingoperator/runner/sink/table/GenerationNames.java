package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import java.util.Objects;

/**
 * The names under which a table gets another model's vectors without an outage.
 *
 * @param live the table that is searched
 */
public record GenerationNames(TableName live) {
    public GenerationNames {
        Objects.requireNonNull(live, "live");
    }

    /** The table that is filled beside it. */
    public TableName next() {
        return beside("_next");
    }

    /** The table whose place it took. */
    public TableName before() {
        return beside("_before");
    }

    private TableName beside(String suffix) {
        return new TableName(live.schema(), Identifier.withSuffix(live.table(), suffix));
    }
}
