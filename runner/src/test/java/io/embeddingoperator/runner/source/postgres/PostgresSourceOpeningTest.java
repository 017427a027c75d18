package io.embeddingoperator.runner.source.postgres;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresSourceOpeningTest {
    private static final String ARTICLES = """
            CREATE TABLE articles (id bigint PRIMARY KEY, body text, tags text[], raw bytea, embedding vector(3), price money,
              span int4range, at timestamptz)""";

    @Test
    void missingTableListsThoseThatExist() {
        TestingSource rows = TestingSource.of();
        assertRefused(
                rows,
                "spec.source.postgres.table is 'public.articles', and there is no such table or view; this database has none");

        rows.sql(
                "CREATE TABLE zebras ()",
                "CREATE VIEW articles_view AS SELECT 1",
                "CREATE SCHEMA old",
                "CREATE SCHEMA embedding_operator",
                "CREATE TABLE embedding_operator.runs ()",
                "CREATE TABLE old.\"Articles\" ()",
                "CREATE SEQUENCE articles_seq",
                "CREATE INDEX z ON zebras ((1))");

        assertRefused(
                rows,
                "spec.source.postgres.table is 'public.articles', and there is no such table or view;"
                        + " there are old.Articles, public.articles_view, public.zebras");
        assertRefused(
                rows.table("nowhere.articles"),
                "spec.source.postgres.table is 'nowhere.articles', and there is no such table or view;"
                        + " there are old.Articles, public.articles_view, public.zebras");
        assertRefused(
                rows.table("articles_seq"),
                "spec.source.postgres.table is 'articles_seq', which is no table or view: name one;"
                        + " there are public.articles_view, public.zebras, old.Articles");
        assertRefused(
                rows.table("a.b.c"),
                "spec.source.postgres.table is 'a.b.c': write table or schema.table, with double quotes around a name that"
                        + " holds a dot or a quote");
    }

    @Test
    void missingColumnListsThoseThatExist() {
        TestingSource rows = TestingSource.of("CREATE TABLE articles (id int, body text, gone int)")
                .sql("ALTER TABLE articles DROP gone");

        assertRefused(
                rows.key("ID"),
                "spec.source.postgres.keyColumn names 'ID', which public.articles does not have; its columns are id, body");
        assertRefused(
                rows.texts("body", "gone"),
                "spec.source.postgres.textColumns names 'gone', which public.articles does not have; its columns are id, body");
        assertRefused(
                rows.metadata("ctid"),
                "spec.source.postgres.metadataColumns names 'ctid', which public.articles does not have;"
                        + " its columns are id, body");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            at   | timestamp with time zone
            tags | text[]
            """)
    void keyOfAnotherTypeIsRefused(String column, String type) {
        assertRefused(
                TestingSource.of(ARTICLES).key(column),
                "spec.source.postgres.keyColumn names '%s', which is of type %s in public.articles: use a column of"
                                .formatted(column, type)
                        + " bigint, integer, smallint, text, varchar, char and uuid");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tags      | text[]
            raw       | bytea
            embedding | vector(3)
            span      | int4range
            """)
    void textOfATypeThatNobodyReadsIsRefused(String column, String type) {
        assertRefused(
                TestingSource.of(ARTICLES).texts("body", column),
                "spec.source.postgres.textColumns names '%s', which is of type %s in public.articles: use columns that hold text"
                        .formatted(column, type));
    }

    @Test
    void metadataOfAnotherTypeOrTwiceIsRefused() {
        TestingSource rows = TestingSource.of(ARTICLES);
        assertRefused(
                rows.metadata("price"),
                "spec.source.postgres.metadataColumns names 'price', which is of type money in public.articles: use columns of"
                        + " boolean, smallint, integer, bigint, real, double precision, numeric, text, varchar, char, uuid, date,"
                        + " timestamp, timestamptz, json, jsonb, and as their text time, timetz, interval, enums and arrays");
        assertRefused(
                rows.metadata("at", "at"),
                "spec.source.postgres.metadataColumns names 'at', which is the key or was named before: leave it out");
        assertRefused(
                rows.metadata("id"),
                "spec.source.postgres.metadataColumns names 'id', which is the key or was named before: leave it out");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            lang =               | syntax error at or near ")"
            lang = 'ar'          | column "lang" does not exist
            body                 | argument of WHERE must be type boolean, not type text
            id = 'x'             | invalid input syntax for type bigint: "x"
            id > 1) OR (id < 0   | syntax error at or near ")": write one condition, parentheses balanced
            id = 1; DROP TABLE articles | syntax error at or near ";"
            """)
    void conditionThatTheServerDoesNotTakeIsShownWithItsWords(String where, String words) {
        TestingSource rows = TestingSource.of(ARTICLES).where(where);

        assertThatThrownBy(rows::open)
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(
                        "spec.source.postgres.where is '%s', and the server says: %s".formatted(where, words));
    }

    @Test
    void missingPermissionsSayWhatToGrant() {
        TestingSource rows = TestingSource.of(ARTICLES, "CREATE SCHEMA hidden", "CREATE TABLE hidden.articles ()");
        String name = "app_" + rows.uri().replaceFirst(".*/test_(\\d+).*", "$1");
        rows.sql("CREATE ROLE " + name + " LOGIN PASSWORD 'secret'");
        TestingSource app = rows.uri(rows.uri().replaceFirst("//[^@]*@", "//" + name + ":secret@"));

        assertRefused(
                app,
                "the user %s may not read the column 'id' of public.articles: GRANT SELECT ON \"public\".\"articles\" TO \"%s\""
                        .formatted(name, name));
        assertRefused(
                app.table("hidden.articles"),
                "spec.source.postgres.table is 'hidden.articles', and the user %s may not look into its schema: GRANT USAGE ON"
                                .formatted(name)
                        + " SCHEMA \"hidden\" TO \"%s\"".formatted(name));

        rows.sql("GRANT SELECT (id, body) ON articles TO " + name);
        app.open().close();
        assertRefused(
                app.where("raw IS NULL"),
                "spec.source.postgres.where is 'raw IS NULL', and the server says: permission denied for table articles");
    }

    @Test
    void keyWhoseCollationIgnoresDifferencesNeedsAUniqueIndex() {
        TestingSource rows = TestingSource.of(
                "CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE articles (id text COLLATE ignore_case, body text)");
        assertRefused(
                rows,
                "spec.source.postgres.keyColumn names 'id', whose collation takes different texts for equal, and no unique index of that"
                        + " collation shows that keys differ in public.articles: create one, or choose another column");

        rows.sql("CREATE UNIQUE INDEX ON articles (id)").open().close();
    }

    @Test
    void unreachableServerIsUnavailable() {
        TestingSource rows = TestingSource.of().uri("postgresql://u:secret@127.0.0.1:1/wiki");

        assertThatThrownBy(rows::open)
                .isInstanceOf(UnavailableException.class)
                .hasMessage(
                        "EMBEDDING_SOURCE_URI: 127.0.0.1:1/wiki cannot be reached: connection refused: start the server,"
                                + " or correct host and port");
    }

    private static void assertRefused(TestingSource rows, String message) {
        assertThatThrownBy(rows::open)
                .isInstanceOf(SpecificationException.class)
                .hasMessage(message);
    }
}
