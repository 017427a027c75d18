package io.embeddingoperator.runner.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.Watermark;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A table whose rows tell when they changed: no change is lost, and next to nothing else is read. */
class ChangedRowsTest {
    private static final String TABLE = "CREATE TABLE articles (id bigint PRIMARY KEY, body text, changed %s %s)";
    private static final String LONG_AGO = "INSERT INTO articles SELECT i, 'text', %s FROM generate_series(1, %d) i";

    @ParameterizedTest
    @ValueSource(strings = {"timestamptz", "timestamp", "xid8"})
    void onlyWhatChangedSinceTheWatermarkIsRead(String type) {
        // given
        TestingSource rows = articles(type, 20);
        Watermark watermark = read(rows, Optional.empty()).watermark().orElseThrow();

        // when
        rows.sql(
                "UPDATE articles SET body = 'new', changed = %s WHERE id IN (3, 7)".formatted(now(type)),
                "INSERT INTO articles VALUES (21, 'new', %s)".formatted(now(type)));

        // then
        Pass second = read(rows, Optional.of(watermark));
        assertThat(second.keys()).containsExactly("3", "7", "21");
        assertThat(second.unread()).isEqualTo(18);
        assertThat(second.work()).as("with the documents that count as done").isEqualTo(21);
        assertThat(second.windows())
                .allSatisfy(window -> assertThat(window.covered())
                        .as("keys that are gone if they were not read")
                        .isEmpty());
        assertThat(read(rows, second.watermark()).keys()).doesNotContain("1");
    }

    @ParameterizedTest
    @CsvSource({"timestamptz, true", "timestamptz, false", "timestamp, true", "xid8, true", "xid8, false"})
    void whatIsCommittedLateIsReadByTheNextRun(String type, boolean written) throws SQLException {
        // given: a transaction that began before a run, and has written by then or not
        TestingSource rows = articles(type, 20);
        try (Connection late = TestingPostgres.connect(rows.uri());
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute("SELECT now()");
            if (written) {
                statement.execute("UPDATE articles SET body = 'late', changed = %s WHERE id = 5".formatted(now(type)));
            }
            rows.sql("UPDATE articles SET body = 'early', changed = %s WHERE id = 6".formatted(now(type)));

            // when
            Pass during = read(rows, Optional.empty());
            if (!written) {
                statement.execute("UPDATE articles SET body = 'late', changed = %s WHERE id = 5".formatted(now(type)));
            }
            late.commit();

            // then
            assertThat(during.texts()).doesNotContain("late");
            assertThat(read(rows, during.watermark()).texts()).contains("late");
        }
    }

    @Test
    void aTransactionThatIsPreparedKeepsTheWatermarkBeforeIt() {
        try (TestingPostgres server = TestingPostgres.start("fsync=off", "max_prepared_transactions=2")) {
            // given
            TestingSource rows = articles(TestingSource.in(server.newDatabase()), "timestamptz", 20);
            Optional<Watermark> first = read(rows, Optional.empty()).watermark();
            rows.sql(
                    "BEGIN",
                    "UPDATE articles SET body = 'late', changed = now() WHERE id = 5",
                    "PREPARE TRANSACTION 'late'");

            // when
            Optional<Watermark> second = read(rows, first).watermark();
            Optional<Watermark> third = read(rows, second).watermark();
            rows.sql("COMMIT PREPARED 'late'");

            // then
            assertThat(third).isEqualTo(first);
            assertThat(read(rows, third).texts()).contains("late");

            // and where there was none before it, everything is read
            rows.sql("BEGIN", "DELETE FROM articles WHERE id = 9", "PREPARE TRANSACTION 'other'");
            assertThat(read(rows, Optional.empty()).watermark()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE articles; INSERT INTO articles SELECT i, 'other', '2020-01-01' FROM generate_series(1, 20) i",
                "ALTER TABLE articles DROP COLUMN body; ALTER TABLE articles ADD COLUMN body text DEFAULT 'other'",
                "CREATE TABLE loaded (CHECK (id > 20)) INHERITS (articles); INSERT INTO loaded SELECT i, 'other', '2020-01-01'"
                        + " FROM generate_series(1, 20) i WHERE false; ALTER TABLE loaded NO INHERIT articles; ALTER TABLE loaded"
                        + " INHERIT articles"
            })
    void aTableThatHasOtherRowsWithoutAChangeOfTheseIsReadWhole(String change) {
        TestingSource rows = articles("timestamptz", 20);
        Optional<Watermark> watermark = read(rows, Optional.empty()).watermark();

        rows.sql(change);

        Pass whole = read(rows, watermark);
        assertThat(whole.keys()).hasSize(20);
        assertThat(whole.plan().reading()).isInstanceOf(SourcePlan.Everything.class);
        assertThat(read(rows, whole.watermark()).plan().reading()).isInstanceOf(SourcePlan.Changes.class);
    }

    @Test
    void aServerThatCrashedOrFollowsAnotherOneIsReadWhole() {
        try (TestingPostgres server = TestingPostgres.start("fsync=off")) {
            // given
            TestingSource rows = articles(TestingSource.in(server.newDatabase()), "timestamptz", 20);
            Optional<Watermark> before = read(rows, Optional.empty()).watermark();

            // when, then: commits that did not wait for the disk may be lost, which no row tells
            server.crash();
            Pass afterwards = read(rows, before);
            assertThat(afterwards.keys()).hasSize(20);
            assertThat(read(rows, afterwards.watermark()).keys()).isEmpty();

            // and a standby does not know when transactions began
            server.restartAsStandby();
            Pass ofStandby = read(rows, afterwards.watermark());
            assertThat(ofStandby.keys()).hasSize(20);
            assertThat(ofStandby.watermark()).isEmpty();
        }
    }

    @Test
    void aRoleThatMayNotSeeOtherTransactionsReadsTheTableWhole() {
        TestingSource rows = articles("timestamptz", 20)
                .sql(
                        "ALTER TABLE articles ADD COLUMN written xid8",
                        "UPDATE articles SET written = pg_current_xact_id()",
                        "DROP ROLE IF EXISTS blind",
                        "CREATE ROLE blind LOGIN PASSWORD 'blind'",
                        "GRANT SELECT ON articles TO blind");
        TestingSource blind = rows.uri(rows.uri().replaceFirst("//[^@]*@", "//blind:blind@"));

        assertThat(read(blind, Optional.empty()).watermark()).isEmpty();
        assertThat(read(blind.changes("written"), Optional.empty()).watermark())
                .as("a snapshot says enough of numbers")
                .isPresent();

        rows.sql("GRANT pg_read_all_stats TO blind");
        assertThat(read(blind, Optional.empty()).watermark()).isPresent();
        rows.sql("DROP OWNED BY blind", "DROP ROLE blind");
    }

    @Test
    void rowsWithoutAValueAreReadEachTime() {
        TestingSource rows = articles("timestamptz", 20).sql("UPDATE articles SET changed = NULL WHERE id = 4");

        Optional<Watermark> watermark = read(rows, Optional.empty()).watermark();

        assertThat(read(rows, watermark).keys()).containsExactly("4");
    }

    @Test
    void manyChangesAreReadOnceInTheOrderOfTheKey() {
        TestingSource rows = articles("timestamptz", 50_000);
        Optional<Watermark> watermark = read(rows, Optional.empty()).watermark();
        rows.sql("UPDATE articles SET changed = now() WHERE id % 2 = 0");

        Pass second = read(rows, watermark);

        assertThat(second.keys()).hasSize(25_000).doesNotHaveDuplicates();
        assertThat(second.plan().ranges())
                .hasSize(3)
                .allSatisfy(range -> assertThat(range.definition()).contains("\"many\":true"));
        assertThat(second.unread()).isEqualTo(25_000);
    }

    @Test
    void keysOfSeveralColumnsAndAConditionGoWithIt() {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text, id int, body text, changed xid8 NOT NULL, PRIMARY KEY (tenant, id))",
                        "INSERT INTO articles SELECT 't' || i % 3, i, 'text', pg_current_xact_id() FROM generate_series(1, 20) i")
                .key("tenant", "id")
                .where("id <> 4 OR false")
                .changes("changed");
        Optional<Watermark> watermark = read(rows, Optional.empty()).watermark();
        rows.sql("UPDATE articles SET changed = pg_current_xact_id() WHERE id IN (4, 5)");

        Pass second = read(rows, watermark);

        assertThat(second.keys()).containsExactly("t2/5");
        assertThat(second.unread()).isEqualTo(18);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', textBlock = """
            nothing   @ articles   @ spec.source.postgres.changeColumn names 'nothing', which public.articles does not have; its columns are id, body, changed, counter
            body      @ articles   @ spec.source.postgres.changeColumn names 'body', which is of type text in public.articles: use a column of timestamptz, timestamp or xid8
            counter   @ articles   @ spec.source.postgres.changeColumn names 'counter', which is of type bigint in public.articles: a transaction may commit a smaller number than those that were read before; use a timestamptz that a trigger sets to now(), or an xid8 that it sets to pg_current_xact_id()
            changed   @ shown      @ spec.source.postgres.changeColumn is 'changed', and public.shown is no table: what it shows may change without that column; name the table itself, or leave spec.source.postgres.changeColumn out
            """)
    void aColumnThatCannotTellIsRefused(String column, String table, String sentence) {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id bigint PRIMARY KEY, body text, changed timestamptz, counter bigint)",
                "CREATE VIEW shown AS SELECT * FROM articles");

        assertThatThrownBy(() ->
                        rows.table("public." + table).changes(column).open().close())
                .isInstanceOf(SpecificationException.class)
                .hasMessage(sentence);
    }

    @Test
    void serversOfWhichSomeMayBeBehindAreRefused() {
        TestingSource rows = articles("timestamptz", 1);
        String twice = rows.uri().replaceFirst("@([^/]*)/", "@$1,$1/");

        read(rows.uri(twice), Optional.empty());
        assertThatThrownBy(() -> rows.uri(twice + "?target_session_attrs=prefer-standby")
                        .open()
                        .close())
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(
                        "spec.source.postgres.changeColumn is 'changed', and EMBEDDING_SOURCE_URI names several servers");
    }

    private static TestingSource articles(String type, int rows) {
        return articles(TestingSource.of(), type, rows);
    }

    /** Rows that changed years ago or, where transactions are numbered, in one that is over. */
    private static TestingSource articles(TestingSource database, String type, int rows) {
        return database.sql(
                        TABLE.formatted(type, type.equals("xid8") ? "NOT NULL" : ""),
                        "CREATE INDEX ON articles (changed)",
                        LONG_AGO.formatted(type.equals("xid8") ? "pg_current_xact_id()" : "'2020-01-01'", rows),
                        "ANALYZE articles")
                .changes("changed");
    }

    private static String now(String type) {
        return type.equals("xid8") ? "pg_current_xact_id()" : "now()";
    }

    /** Without an overlap, which would hide that a bound is too high. */
    private static Pass read(TestingSource rows, Optional<Watermark> since) {
        try (PostgresSource source = rows.open()) {
            SourcePlan plan = source.plan(3, since, Duration.ZERO);
            List<SourceWindow> windows = new ArrayList<>();
            for (ShardRange range : plan.ranges()) {
                windows.addAll(TestingSource.windows(source, range, Optional.empty()));
            }
            return new Pass(plan, windows);
        }
    }

    private record Pass(SourcePlan plan, List<SourceWindow> windows) {
        Optional<Watermark> watermark() {
            return plan.watermark();
        }

        long unread() {
            return plan.unread();
        }

        long work() {
            return plan.ranges().stream().mapToLong(ShardRange::work).sum();
        }

        List<String> keys() {
            return TestingSource.keys(windows);
        }

        List<String> texts() {
            return TestingSource.documents(windows).stream()
                    .map(document -> document.text())
                    .toList();
        }
    }
}
