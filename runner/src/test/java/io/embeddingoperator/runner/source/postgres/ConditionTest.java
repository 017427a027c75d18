package io.embeddingoperator.runner.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The condition comes from a manifest: its author may have no other way to the database. */
class ConditionTest {
    private static final String SECRET = "salary of the boss";

    private static TestingSource rows;

    @BeforeAll
    static void createTables() {
        rows = TestingSource.of(
                "CREATE TABLE articles (id bigint PRIMARY KEY, body text)",
                "INSERT INTO articles VALUES (1, '" + SECRET + "'), (2, 'two')",
                "CREATE TABLE orders (id int)",
                "INSERT INTO orders VALUES (1)",
                "CREATE SEQUENCE numbers",
                "CREATE FUNCTION tells(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''%'', $1; END'",
                "CREATE FUNCTION tells_as_index(text) RETURNS boolean LANGUAGE plpgsql AS"
                        + " 'BEGIN RAISE unique_violation USING MESSAGE = $1; END'",
                "CREATE FUNCTION tells_when_planned() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS"
                        + " 'BEGIN RETURN (SELECT body::int = 1 FROM articles LIMIT 1); END'");
    }

    @AfterAll
    static void nothingWasWritten() {
        assumeThat(rows).as("tables, which need a server").isNotNull();
        rows.sql(
                "DO $$ BEGIN ASSERT (SELECT count(*) = 1 FROM orders), 'orders are gone'; END $$",
                "DO $$ BEGIN" + " ASSERT (SELECT NOT is_called FROM numbers), 'the sequence was used'; END $$");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true)); COMMIT; DELETE FROM orders; SELECT ((true",
                "true); COMMIT; DELETE FROM orders; SELECT (true",
                "true); COMMIT; COPY (SELECT 1) TO PROGRAM 'true'; SELECT (true",
                "true THEN true END); COMMIT; DELETE FROM orders; SELECT (CASE WHEN true",
                "true; DELETE FROM orders",
                "true); DELETE FROM orders; --",
                "true); DELETE FROM orders; /*",
                "true) -- ",
                "true) UNION SELECT (true",
                "true) OR (true",
                "true) FOR UPDATE; SELECT (true",
                "true) LIMIT (1",
                "SELECT true",
                "(SELECT true) UNION (SELECT true)",
                "(SELECT true) LIMIT 1",
                "true, true",
                "true THEN true WHEN true",
                "true ORDER BY id",
                "E'a'\n'\\' ); COMMIT; DELETE FROM orders; SELECT ( ' IS NULL",
                "x$a$ ); COMMIT; DELETE FROM orders; SELECT ( $a$ IS NULL",
                "$é$ ) $e$ ); COMMIT; DELETE FROM orders; SELECT ( $e$ IS NULL",
                "U&'d!' ); COMMIT; DELETE FROM orders; SELECT (true' UESCAPE '!' IS NULL",
                "id = $1",
                "id = ?",
                "{fn now()} IS NOT NULL",
                "true\0\0\0",
                "'unterminated",
                "$open$ true",
                "count(*) > 0",
                "row_number() OVER () > 0",
                "generate_series(1, 2) > 1",
                "id = 1 /* open",
                "-- nothing"
            })
    void textThatIsNoExpressionIsRefusedBeforeItRuns(String where) {
        assertThatThrownBy(() -> rows.where(where).windows(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("spec.source.postgres.where ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id = 1 -- ; DELETE FROM orders",
                "id = 1 /* ); DELETE FROM orders; /* nested */ SELECT ( */",
                "body <> ';' AND body <> $$); DELETE FROM orders; SELECT ($$ AND id = 1",
                "id IN (SELECT a.id FROM articles a ORDER BY a.id LIMIT 1)",
                "jsonb_build_object('a;b', id) @? '$.\"a;b\" ? (@ == 1)'",
                "CASE WHEN id = 1 THEN true END",
                "E'it\\'s; ' <> '' AND id = 1",
                "body LIKE '100%' IS FALSE AND id = 1 AND '{1}'::int[] = ARRAY[1]"
            })
    void oneExpressionMayHoldSemicolonsCommentsAndOperators(String where) {
        List<SourceWindow> windows = rows.where(where).windows(1);

        assertThat(TestingSource.keys(windows)).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set_config('transaction_read_only', 'off', true) = 'off'",
                "set_config('transaction_read_only', 'off', false) = 'off'",
                "nextval('public.numbers') > 0"
            })
    void expressionThatWritesIsToldAtOnce(String where) {
        assertThatThrownBy(() -> rows.where(where).windows(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("wants to write: leave it out");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "query_to_xml('DELETE FROM orders RETURNING id', true, true, '') IS NOT NULL",
                "query_to_xml('COMMIT', true, true, '') IS NOT NULL"
            })
    void expressionCannotLeaveItsReadOnlyTransaction(String where) {
        assertThatThrownBy(() -> rows.where(where).windows(1)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void settingsThatAnExpressionLeavesBehindDoNotOpenTheNextTransaction() {
        // given: a session whose default allows writing, and whose literals end elsewhere
        TestingSource tampered = rows.where("set_config('default_transaction_read_only', 'off', false) = 'off'"
                + " AND set_config('standard_conforming_strings', 'off', false) = 'off' AND id = 1");

        // when, then
        assertThat(TestingSource.keys(tampered.windows(1))).containsExactly("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "body::int = 1",
                "(SELECT body::int FROM articles LIMIT 1) = 1",
                "public.tells(body)",
                "public.tells_as_index(body)",
                "public.tells_when_planned()",
                "body::regclass IS NULL",
                "body::date IS NULL",
                "body::jsonb IS NULL",
                "current_setting(body) IS NULL",
                "query_to_xml(body, true, true, '') IS NULL",
                "has_table_privilege(body, 'SELECT')",
                "('{' || body)::int[] IS NULL",
                "id::text ~ ('(' || body)",
                "date_trunc(body, now()) IS NULL",
                "now() AT TIME ZONE body IS NULL"
            })
    void valueOfARowReachesNoMessageOfAFailure(String where) {
        assertThatThrownBy(() -> rows.where(where).windows(1)).satisfies(failure -> {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            assertThat(trace.toString()).doesNotContain(SECRET).doesNotContain("salary");
            assertThat(failure).isInstanceOfAny(RunnerException.class, IllegalStateException.class);
        });
    }

    @Test
    void roleThatMayDoMoreThanReadIsTold() throws SQLException {
        String name = "reader_" + rows.uri().replaceFirst(".*/test_(\\d+).*", "$1");
        rows.sql("CREATE ROLE " + name + " LOGIN PASSWORD 'secret'", "GRANT SELECT ON articles TO " + name);
        String reader = rows.uri().replaceFirst("//[^@]*@", "//" + name + ":secret@");

        assertThat(excess(rows.uri())).contains("is a superuser");
        assertThat(excess(reader)).isEmpty();
        rows.sql("GRANT CREATE ON SCHEMA public TO " + name);
        assertThat(excess(reader)).contains("may create objects");
        rows.sql("GRANT DELETE ON orders TO " + name);
        assertThat(excess(reader)).contains("may write to tables");
        rows.sql("GRANT pg_read_server_files TO " + name);
        assertThat(excess(reader)).contains("may use files or programs of the server");
    }

    private static Optional<String> excess(String uri) throws SQLException {
        try (Connection connection = TestingPostgres.connect(uri)) {
            return SourceRole.of(connection).excess();
        }
    }
}
