package io.embeddingoperator.runner.sink.state;

import java.util.Locale;

/** The tables of embedding_operator that hold one number a shard, of the shards that have it; what is added to it is summed up. */
enum ShardSum {
    ORPHAN_COUNTS("found", "bigint"),
    UNKNOWN_CHUNKS("chunks", "bigint"),
    ESTIMATED_COSTS("usd", "numeric");

    private final String number;
    private final String type;

    ShardSum(String number, String type) {
        this.number = number;
        this.type = type;
    }

    /** The statement that makes the table. */
    String create() {
        return """
                CREATE TABLE %s (
                  run_id bigint NOT NULL,
                  shard int NOT NULL,
                  %s %s NOT NULL,
                  PRIMARY KEY (run_id, shard)
                );
                """.formatted(table(), number, type);
    }

    /** The statement that adds the rows of a query, each a run, a shard and a number. */
    String add(String query) {
        return """
                INSERT INTO %1$s AS before (run_id, shard, %2$s)
                %3$s
                ON CONFLICT (run_id, shard) DO UPDATE SET %2$s = before.%2$s + excluded.%2$s
                """.formatted(table(), number, query);
    }

    private String table() {
        return "embedding_operator." + name().toLowerCase(Locale.ROOT);
    }
}
