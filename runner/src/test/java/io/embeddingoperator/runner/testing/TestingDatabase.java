package io.embeddingoperator.runner.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * A database as a test looks at it from outside: what the runner read, what it wrote, and what it noted about itself.
 *
 * @param uri in libpq's form
 */
public record TestingDatabase(String uri) {
    /** A fresh one on the shared server. */
    public static TestingDatabase create() {
        return new TestingDatabase(TestingPostgres.shared().newDatabase());
    }

    public void execute(String... statements) {
        TestingPostgres.execute(uri, statements);
    }

    /** The table documents (id, body) with the given number of documents of one to three chunks each. */
    public void createDocuments(int documents) {
        execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                """
                INSERT INTO documents
                SELECT i, repeat('the river runs low and the old house is near the water ', 1 + (i * 7919 %% 5)::int) || i
                FROM generate_series(1, %d) i""".formatted(documents),
                "ANALYZE documents");
    }

    /** The only number that a query gives. */
    public long number(String query) {
        return KeptConnection.ask(uri, query, row -> {
            row.next();
            return row.getLong(1);
        });
    }

    /** The first column of what a query gives. */
    public List<String> texts(String query) {
        return KeptConnection.ask(uri, query, row -> {
            List<String> texts = new ArrayList<>();
            while (row.next()) {
                texts.add(row.getString(1));
            }
            return texts;
        });
    }

    /** A number of the newest run into a table, summed over its shards, for example {@code windows}. */
    public long counter(String table, String expression) {
        return number("""
                SELECT coalesce(sum(%s), 0) FROM embedding_operator.shards
                WHERE run_id = (SELECT max(run_id) FROM embedding_operator.runs WHERE sink_table = 'public.%s')""".formatted(expression, table));
    }

    /** Windows that are committed in the newest run into a table; 0 while there is no such run. */
    public long committedWindows(String table) {
        return number("SELECT (to_regclass('embedding_operator.document_keys') IS NOT NULL)::int") == 0
                ? 0
                : counter(table, "windows");
    }

    public boolean isBuildingIndex() {
        return number("SELECT count(*) FROM pg_stat_progress_create_index") > 0;
    }
}
