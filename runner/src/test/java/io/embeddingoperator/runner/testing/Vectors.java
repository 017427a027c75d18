package io.embeddingoperator.runner.testing;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What must be true of a table of vectors when a run into it is over.
 *
 * @param table in schema public
 */
public record Vectors(TestingDatabase database, String table) {
    private static final String COMPARED =
            "id::text, chunk, content, chunk_start, chunk_end, embedding::text, document_hash";

    /** Every document of the source, once, whole. */
    public Vectors holdExactly(long documents) {
        assertThat(database.number("SELECT count(DISTINCT id) FROM " + table))
                .as("documents in %s", table)
                .isEqualTo(documents);
        assertThat(database.texts(
                        "SELECT id FROM %s GROUP BY id HAVING min(chunk) <> 0 OR max(chunk) <> count(*) - 1 OR count(DISTINCT chunk) <> count(*)"
                                .formatted(table)))
                .as("documents whose chunks are not 0 to n - 1, each once")
                .isEmpty();
        return this;
    }

    /** The same contents, places, hashes and vectors, to the last bit, as those of another table. */
    public Vectors equal(String other) {
        assertThat(database.number(difference(table, other)))
                .as("rows of %s that are not in %s", table, other)
                .isZero();
        assertThat(database.number(difference(other, table)))
                .as("rows of %s that are not in %s", other, table)
                .isZero();
        return this;
    }

    /** The newest run is complete, its counters say what is in the table, and nothing is left of its work. */
    public Vectors areAccountedFor(long documents) {
        assertThat(database.counter(table, "embedded + skipped + failed"))
                .as("documents in the counters")
                .isEqualTo(documents);
        assertThat(database.number("SELECT count(*) FROM embedding_operator.runs"
                        + " WHERE sink_table = 'public.%s' AND completed_at IS NULL AND replaced_at IS NULL"
                                .formatted(table)))
                .as("unfinished runs")
                .isZero();
        assertThat(database.counter(table, "(completed_at IS NULL)::int"))
                .as("unfinished shards")
                .isZero();
        assertThat(database.number("SELECT count(*) FROM embedding_operator.document_keys"))
                .as("notes of keys that a finished run leaves")
                .isZero();
        return this;
    }

    /** Exactly one HNSW index, ready to use, and no remains of others. */
    public Vectors areIndexed() {
        assertThat(database.texts("SELECT indisvalid FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
                        + " JOIN pg_am ON pg_am.oid = relam WHERE amname = 'hnsw' AND indrelid = '%s'::regclass"
                                .formatted(table)))
                .as("HNSW indexes of %s, and whether they are valid", table)
                .containsExactly("t");
        return this;
    }

    private static String difference(String left, String right) {
        return "SELECT count(*) FROM (SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) difference"
                .formatted(COMPARED, left, right);
    }
}
