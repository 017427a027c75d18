package io.embeddingoperator.runner.source.postgres;

import static io.embeddingoperator.runner.source.postgres.TestingSource.documents;
import static io.embeddingoperator.runner.source.postgres.TestingSource.failed;
import static io.embeddingoperator.runner.source.postgres.TestingSource.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.KeyRange;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresSourceReadingTest {
    private static final String ADVICE =
            ": exclude such rows with spec.source.postgres.where, or raise spec.failurePolicy.maxFailedDocuments";

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            bigint PRIMARY KEY                      @ i * 1000000007::bigint
            int PRIMARY KEY                         @ i - 5000
            smallint PRIMARY KEY                    @ i
            text PRIMARY KEY                        @ 'k' || md5(i::text)
            text COLLATE "en-x-icu" PRIMARY KEY     @ CASE WHEN i % 2 = 0 THEN 'é' ELSE 'E' END || md5(i::text)
            text COLLATE "C" PRIMARY KEY            @ chr(97 + i % 500) || i
            varchar(40) PRIMARY KEY                 @ '"\\ ;''' || i
            char(12) PRIMARY KEY                    @ i::text
            uuid PRIMARY KEY                        @ md5(i::text)::uuid
            bigint                                  @ i
            text                                    @ i
            """)
    void rangesAndWindowsTogetherHoldEveryRowOnceAlsoAfterAResumeAnywhere(String type, String key) {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id " + type + ", body text)",
                "INSERT INTO articles SELECT " + key
                        + ", 'text ' || i FROM generate_series(1, 9000) i ORDER BY md5(i::text)");
        try (PostgresSource source = rows.open()) {
            List<SourceWindow> all = new ArrayList<>();
            Optional<Key> end = Optional.empty();
            for (ShardRange range : source.plan(3)) {
                List<SourceWindow> windows = TestingSource.windows(source, range, Optional.empty());
                for (int i = 0; i < windows.size(); i++) {
                    assertThat(TestingSource.windows(
                                    source, range, Optional.of(windows.get(i).end())))
                            .isEqualTo(windows.subList(i + 1, windows.size()));
                    KeyRange covered = windows.get(i).covered().orElseThrow();
                    assertThat(covered.after()).isEqualTo(end);
                    end = covered.through();
                }
                assertThat(windows.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(range.work());
                all.addAll(windows);
            }
            assertThat(end).isEmpty();
            assertThat(keys(all)).hasSize(9000).doesNotHaveDuplicates();
            assertThat(documents(all).stream().map(Document::text))
                    .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 9000)
                            .mapToObj(i -> "text " + i)
                            .toList());
            assertThat(failed(all)).isEmpty();
        }
    }

    @Test
    void emptyTextIsAKeyLikeAnyOther() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id text PRIMARY KEY, body text)",
                "INSERT INTO articles VALUES ('', 'x'), ('a', 'x')");
        try (PostgresSource source = rows.open()) {
            List<ShardRange> ranges = source.plan(2);
            List<SourceWindow> first = TestingSource.windows(source, ranges.getFirst(), Optional.empty(), 1);

            assertThat(keys(first)).containsExactly("");
            assertThat(TestingSource.windows(
                            source,
                            ranges.getFirst(),
                            Optional.of(first.getFirst().end())))
                    .isEqualTo(first.subList(1, first.size()));
            assertThat(keys(TestingSource.windows(source, ranges.getLast(), Optional.empty())))
                    .containsExactly("a");
        }
    }

    @Test
    void rowsWrittenDuringTheReadingNeitherRepeatNorHideOthers() {
        TestingSource rows = articles("INSERT INTO articles SELECT 10 * i, 'old' FROM generate_series(1, 10000) i");
        try (PostgresSource source = rows.open()) {
            List<ShardRange> ranges = source.plan(2);
            List<SourceWindow> windows = new ArrayList<>();
            for (ShardRange range : ranges) {
                try (WindowReader reader = source.read(range, Optional.empty(), TestingSource.WINDOW_DOCUMENTS)) {
                    for (Optional<SourceWindow> w = reader.next(); w.isPresent(); w = reader.next()) {
                        windows.add(w.get());
                        long end = Long.parseLong(keys(windows).getLast());
                        rows.sql("INSERT INTO articles VALUES (%d, 'before'), (%d, 'behind') ON CONFLICT DO NOTHING"
                                .formatted(end + 1, end - 1));
                    }
                }
            }
            rows.sql("INSERT INTO articles VALUES (1000000, 'beyond')");
            windows.addAll(TestingSource.windows(
                    source, ranges.getLast(), Optional.of(windows.getLast().end())));

            assertThat(keys(windows)).doesNotHaveDuplicates();
            assertThat(documents(windows).stream().filter(d -> d.text().equals("old")))
                    .hasSize(10_000);
        }
    }

    @Test
    void textsAreJoinedWithoutNullsAndMetadataKeepTheirTypes() {
        TestingSource rows = TestingSource.of("""
                CREATE TABLE articles (id bigint PRIMARY KEY, title varchar(20), body text, extra jsonb, b boolean, s smallint,
                  i int, l bigint, r real, d double precision, n numeric, t varchar(9), c char(3), u uuid, day date,
                  ts timestamp, tz timestamptz, j json, jb jsonb)""", """
                INSERT INTO articles VALUES (1, 'Title', E'zwei\\nZeilen 😀', '{"a": 1}', true, -1, 2, 3, 1.5, 'NaN', 12.340, 'q',
                  'x', '00000000-0000-0000-0000-000000000007', '0044-03-15 BC', '2026-02-03 04:05:06.789', '2026-02-03 04:05+02',
                  '{"k": 1,  "k": 2}', '{"z": 1}')""")
                .sql("INSERT INTO articles VALUES (2, NULL, 'only', NULL)")
                .texts("title", "body", "extra")
                .metadata("b", "s", "i", "l", "r", "d", "n", "t", "c", "u", "day", "ts", "tz", "j", "jb");
        try (PostgresSource source = rows.open()) {
            assertThat(source.schema().name()).isEqualTo("public.articles");
            assertThat(source.schema().keyName()).isEqualTo("id");
            assertThat(source.schema().keyType()).isEqualTo(KeyType.BIGINT);
            assertThat(source.schema().metadata())
                    .startsWith(
                            new MetadataColumn("b", ColumnType.BOOLEAN), new MetadataColumn("s", ColumnType.SMALLINT))
                    .endsWith(new MetadataColumn("j", ColumnType.JSONB), new MetadataColumn("jb", ColumnType.JSONB));
        }

        List<SourceWindow> windows = rows.windows(1);

        Document first = documents(windows).getFirst();
        assertThat(first.key()).isEqualTo(new Key.Number(1));
        assertThat(first.text()).isEqualTo("Title\nzwei\nZeilen 😀\n{\"a\": 1}");
        assertThat(first.location()).isEqualTo("public.articles id=1");
        assertThat(first.metadata())
                .containsExactly(
                        true,
                        (short) -1,
                        2,
                        3L,
                        1.5f,
                        Double.NaN,
                        new BigDecimal("12.340"),
                        "q",
                        "x",
                        new UUID(0, 7),
                        LocalDate.of(-43, 3, 15),
                        LocalDateTime.of(2026, 2, 3, 4, 5, 6, 789_000_000),
                        Instant.parse("2026-02-03T02:05:00Z"),
                        "{\"k\": 1,  \"k\": 2}",
                        "{\"z\": 1}");
        Document second = documents(windows).getLast();
        assertThat(second.text()).isEqualTo("only");
        assertThat(second.metadata()).hasSize(15).containsOnlyNulls();
        assertThat(windows.getFirst().textBytes()).isGreaterThan(first.text().length());
    }

    @Test
    void conditionsMayHoldQuestionMarksCommentsAndQuotes() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int PRIMARY KEY, body text, tags jsonb)",
                "INSERT INTO articles SELECT i, 'what?', CASE WHEN i % 2 = 0 THEN '{\"a?\": 1}'::jsonb END FROM"
                        + " generate_series(1, 6000) i");

        assertThat(keys(rows.where("tags ? 'a?' /* ? */ AND body = $$what?$$ AND id > 10 or id = 1 -- one more?")
                        .windows(2)))
                .hasSize(2996);
        assertThat(keys(rows.where("articles.id <= 2").windows(2))).containsExactly("1", "2");
    }

    @Test
    void namesNeedNoCare() {
        TestingSource rows = TestingSource.of(
                        "CREATE SCHEMA \"My.Schema\"",
                        "CREATE TABLE \"My.Schema\".\"t\"\"0\" (\"t0\" int PRIMARY KEY, \"k\" text, \"bytes\" text)",
                        "INSERT INTO \"My.Schema\".\"t\"\"0\" VALUES (1, 'a', 'm'), (2, 'b', 'n')")
                .table("\"My.Schema\".\"t\"\"0\"")
                .key("t0")
                .texts("k")
                .metadata("bytes");

        assertThat(documents(rows.windows(2)))
                .extracting(Document::text, Document::location)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", "\"My.Schema\".\"t\"\"0\" t0=1"),
                        org.assertj.core.groups.Tuple.tuple("b", "\"My.Schema\".\"t\"\"0\" t0=2"));
    }

    @Test
    void viewsPartitionsAndMaterializedViewsAreRead() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE base (id bigint, body text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF base FOR VALUES FROM (0) TO (3000)",
                "CREATE TABLE p2 PARTITION OF base FOR VALUES FROM (3000) TO (9000)",
                "INSERT INTO base SELECT i, 'x' FROM generate_series(0, 4999) i",
                "CREATE VIEW v AS SELECT id, body FROM base",
                "CREATE MATERIALIZED VIEW m AS SELECT id, body FROM base");

        for (String table : List.of("base", "v", "m")) {
            List<SourceWindow> windows = rows.table(table).windows(3);
            assertThat(keys(windows)).as(table).hasSize(5000).doesNotHaveDuplicates();
            assertThat(windows.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(5000);
        }
    }

    @Test
    void windowsEndAtBytesAndATextThatIsTooLongIsNeverSent() {
        TestingSource rows = articles(
                "ALTER TABLE articles ALTER body SET STORAGE external",
                "INSERT INTO articles SELECT i, repeat('x', 1000000) FROM generate_series(1, 20) i",
                "INSERT INTO articles SELECT 21, repeat('ü', " + Limits.MAX_DOCUMENT_BYTES / 2 + ")",
                "INSERT INTO articles SELECT 22, repeat('ü', " + (Limits.MAX_DOCUMENT_BYTES / 2 + 1) + ")",
                "INSERT INTO articles VALUES (23, 'short')");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(windows.stream().map(SourceWindow::textBytes))
                .containsExactly(5_000_000L, 5_000_000L, 5_000_000L, 5_000_000L, (long) Limits.MAX_DOCUMENT_BYTES, 5L);
        assertThat(keys(windows)).hasSize(22).doesNotContain("22");
        assertThat(failed(windows))
                .containsExactly(new FailedDocument(
                        Optional.of("22"),
                        "public.articles id=22",
                        "text and metadata are 16,777,218 bytes long, and 16,777,216 are the most" + ADVICE));
    }

    @Test
    void emptyTextsFailWithTheirKeys() {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (id int PRIMARY KEY, title text, body text)",
                        "INSERT INTO articles VALUES (1, NULL, NULL), (2, '', E' \\n'), (3, 'a', NULL)")
                .texts("title", "body");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(keys(windows)).containsExactly("3");
        assertThat(failed(windows)).extracting(FailedDocument::key).containsExactly(Optional.of("1"), Optional.of("2"));
        assertThat(failed(windows))
                .extracting(FailedDocument::reason)
                .containsOnly("empty text: title and body are null or blank" + ADVICE);
        assertThat(failed(rows.texts("body").windows(1)))
                .hasSize(3)
                .extracting(FailedDocument::reason)
                .containsOnly("empty text: body is null or blank" + ADVICE);
    }

    @Test
    void partOfAKeyOfSeveralColumnsIsToldHowToBecomeWhole() {
        // given
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (tenant int, id int, body text, PRIMARY KEY (tenant, id))",
                "INSERT INTO articles SELECT tenant, id, 'good' FROM generate_series(1, 3) tenant, generate_series(1, 4) id");

        // when
        List<FailedDocument> failed = failed(rows.windows(1));

        // then
        assertThat(failed).hasSize(4);
        assertThat(failed.getFirst().reason())
                .isEqualTo(
                        "id=1 stands in 3 rows of public.articles, whose rows are told apart by tenant and id together:"
                                + " name them all, keyColumns: [tenant, id]");
        assertThat(keys(rows.key("tenant", "id").windows(1))).hasSize(12).contains("3/4");
    }

    @Test
    void partOfAKeyWithAColumnOfATypeThatNoKeyHasIsToldOfAView() {
        // given
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int, at date, body text, PRIMARY KEY (id, at))",
                "INSERT INTO articles VALUES (1, '2026-01-02', 'good'), (1, '2026-01-03', 'good')");

        // when
        List<FailedDocument> failed = failed(rows.windows(1));

        // then
        String view =
                "CREATE VIEW \"public\".\"articles_by_key\" AS SELECT *, \"id\"::text || '/' || \"at\"::text AS document_key"
                        + " FROM \"public\".\"articles\"";
        assertThat(failed.getFirst().reason())
                .isEqualTo("id=1 stands in 2 rows of public.articles, whose rows are told apart by id and at together: "
                        + view + ", name it as the table, and make document_key the keyColumn");
        assertThat(keys(rows.sql(view)
                        .table("articles_by_key")
                        .key("document_key")
                        .windows(1)))
                .containsExactly("1/2026-01-02", "1/2026-01-03");
    }

    @Test
    void repeatedKeysFailOnceEachWhereverPagesEnd() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int, body text)",
                "INSERT INTO articles SELECT i, 'good' FROM generate_series(1, 5000) i",
                "INSERT INTO articles SELECT i, 'again' FROM generate_series(2040, 2060) i",
                "INSERT INTO articles SELECT 4096, 'again' FROM generate_series(1, 6000) i");

        List<SourceWindow> windows = rows.windows(2);

        assertThat(keys(windows)).hasSize(5000 - 22).doesNotHaveDuplicates();
        assertThat(failed(windows)).hasSize(22).doesNotHaveDuplicates();
        assertThat(failed(windows).getFirst())
                .isEqualTo(new FailedDocument(
                        Optional.of("2040"),
                        "public.articles id=2040",
                        "id=2040 stands in 2 rows of public.articles: make it unique, or change"
                                + " spec.source.postgres.keyColumn"));
        assertThat(failed(windows).getLast().reason()).startsWith("id=4096 stands in 6001 rows of public.articles");
        assertThat(windows.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(5000);
    }

    @Test
    void rowsWithoutAKeyFailOnceAlsoAfterAResume() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int UNIQUE, body text)",
                "INSERT INTO articles SELECT i, 'good' FROM generate_series(1, 3000) i",
                "INSERT INTO articles SELECT NULL, 'lost' FROM generate_series(1, 3000) i",
                "CREATE VIEW v AS SELECT * FROM articles");
        for (String table : List.of("public.articles", "public.v")) {
            try (PostgresSource source = rows.table(table).open()) {
                List<SourceWindow> all = new ArrayList<>();
                List<ShardRange> ranges = source.plan(2);
                for (ShardRange range : ranges) {
                    List<SourceWindow> windows = TestingSource.windows(source, range, Optional.empty());
                    for (int i = 0; i < windows.size(); i++) {
                        assertThat(TestingSource.windows(
                                        source,
                                        range,
                                        Optional.of(windows.get(i).end())))
                                .isEqualTo(windows.subList(i + 1, windows.size()));
                    }
                    all.addAll(windows);
                }
                assertThat(keys(all)).hasSize(3000);
                assertThat(failed(all)).hasSize(3000).doesNotHaveDuplicates();
                assertThat(ranges.stream().mapToLong(ShardRange::work).sum()).isEqualTo(6000);
                assertThat(failed(all).getFirst().key()).isEmpty();
                assertThat(failed(all).getFirst().location())
                        .matches(
                                table.endsWith("v") ? "public.v row 1 without a key" : "articles ctid=\\(\\d+,\\d+\\)");
                assertThat(failed(all).getFirst().reason())
                        .isEqualTo("id is null: fill it in, or exclude such rows with spec.source.postgres.where");
            }
        }
    }

    @Test
    void invalidUtf8FailsAloneInADatabaseWithoutAnEncoding() {
        String utf8 = TestingPostgres.shared().newDatabase();
        String name = "ascii_" + utf8.replaceFirst(".*/test_(\\d+).*", "$1");
        TestingPostgres.execute(
                utf8, "CREATE DATABASE " + name + " ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        TestingSource rows = TestingSource.in(
                utf8.replaceFirst("/test_\\d+", "/" + name),
                "CREATE TABLE articles (id int PRIMARY KEY, code text UNIQUE, body text)",
                "INSERT INTO articles SELECT i, 'c' || i, 'good' FROM generate_series(1, 3000) i",
                "UPDATE articles SET body = E'caf\\351' WHERE id IN (7, 2048)",
                "UPDATE articles SET code = E'\\351' WHERE id = 8");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(keys(windows)).hasSize(2998);
        assertThat(failed(windows))
                .extracting(FailedDocument::key)
                .containsExactly(Optional.of("7"), Optional.of("2048"));
        assertThat(failed(windows).getFirst().reason())
                .isEqualTo("the row cannot be read: invalid byte sequence for the encoding (SQLSTATE 22021)" + ADVICE);
        assertThatThrownBy(() -> rows.key("code").windows(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("public.articles cannot be read after code=c999: invalid byte sequence for the encoding"
                        + " (SQLSTATE 22021): correct that row's code or the condition in spec.source.postgres.where");
    }

    @Test
    void rowThatTheServerCannotEvaluateFailsAlone() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE base (id int PRIMARY KEY, n int)",
                "INSERT INTO base SELECT i, i % 1000 FROM generate_series(1, 3000) i",
                "CREATE VIEW articles AS SELECT id, (1000 / n)::text AS body FROM base");

        List<SourceWindow> windows = rows.windows(2);

        assertThat(keys(windows)).hasSize(2997).doesNotHaveDuplicates();
        assertThat(new HashSet<>(keys(windows))).doesNotContain("1000", "2000", "3000");
        assertThat(failed(windows).getFirst())
                .isEqualTo(new FailedDocument(
                        Optional.of("1000"),
                        "public.articles id=1000",
                        "the row cannot be read: division by zero (SQLSTATE 22012)" + ADVICE));
        assertThat(failed(windows)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"P0001", "U0001", "2F005", "44000"})
    void rowForWhichAFunctionRaisesAnErrorFailsAlone(String state) {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE base (id int PRIMARY KEY, n int)",
                "INSERT INTO base SELECT i, i % 1000 FROM generate_series(1, 3000) i",
                "CREATE FUNCTION checked(n int) RETURNS text LANGUAGE plpgsql STABLE AS $$BEGIN IF n = 7 THEN"
                        + " RAISE EXCEPTION 'a secret of row %', n USING ERRCODE = '" + state
                        + "'; END IF; RETURN 'text'; END$$",
                "CREATE VIEW articles AS SELECT id, checked(n) AS body FROM base");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(keys(windows)).hasSize(2997);
        assertThat(failed(windows))
                .extracting(FailedDocument::key)
                .containsExactly(Optional.of("7"), Optional.of("1007"), Optional.of("2007"));
        assertThat(failed(windows).getFirst().reason())
                .startsWith("the row cannot be read: ")
                .contains("(SQLSTATE " + state + ")")
                .doesNotContain("secret");
    }

    @Test
    void materializedViewWithoutRowsIsRefusedWithTheHintOfTheServer() {
        TestingSource rows = TestingSource.of(
                "CREATE MATERIALIZED VIEW articles AS SELECT 1 AS id, 'text'::text AS body WITH NO DATA");

        assertThatThrownBy(() -> rows.windows(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("materialized view \"articles\" has not been populated"
                        + " (Use the REFRESH MATERIALIZED VIEW command.) (SQLSTATE 55000)");
    }

    @Test
    void conditionThatFailsForARowIsNamedBeforeAnythingIsRead() {
        TestingSource rows = articles("INSERT INTO articles VALUES (1, '12'), (2, 'a secret')");

        assertThatThrownBy(() -> rows.where("body::int > 5").windows(2))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("public.articles cannot be divided into 2 shards: invalid input syntax for type integer"
                        + " (SQLSTATE 22P02): spec.source.postgres.where is 'body::int > 5', and a row is there for which"
                        + " it fails: write it so that it has an answer for each row");
    }

    @Test
    void whatTheSinkNeedNotKnowIsMetadataAsItsText() {
        TestingSource rows = TestingSource.of(
                        "CREATE TYPE mood AS ENUM ('sad', 'very happy')",
                        "CREATE TABLE articles (id int PRIMARY KEY, body text, feeling mood, tags text[], matrix int[],"
                                + " at time, zoned timetz, took interval)",
                        "INSERT INTO articles VALUES (1, 'a', 'very happy', ARRAY['x y', 'z\"', NULL], '{{1,2},{3,4}}',"
                                + " '12:30', '12:30+02', '1 day 2 hours'), (2, 'b', NULL, NULL, NULL, NULL, NULL, NULL)")
                .metadata("feeling", "tags", "matrix", "at", "zoned", "took");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(windows.getFirst().documents())
                .extracting(Document::metadata)
                .containsExactly(
                        List.of(
                                "very happy",
                                "{\"x y\",\"z\\\"\",NULL}",
                                "{{1,2},{3,4}}",
                                "12:30:00",
                                "12:30:00+02",
                                "1 day 02:00:00"),
                        Arrays.asList(null, null, null, null, null, null));
    }

    @Test
    void infinityAndNotANumberAreMetadataLikeAnyOther() {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (id int PRIMARY KEY, body text, day date, at timestamptz, n numeric)",
                        "INSERT INTO articles VALUES (1, 'a', 'infinity', '-infinity', 'NaN'),"
                                + " (2, 'b', '-infinity', 'infinity', '-Infinity'), (3, 'c', NULL, NULL, NULL)")
                .metadata("day", "at", "n");

        List<SourceWindow> windows = rows.windows(1);

        assertThat(failed(windows)).isEmpty();
        assertThat(windows.getFirst().documents())
                .extracting(Document::metadata)
                .containsExactly(
                        List.of(LocalDate.MAX, OffsetDateTime.MIN.toInstant(), Double.NaN),
                        List.of(LocalDate.MIN, OffsetDateTime.MAX.toInstant(), Double.NEGATIVE_INFINITY),
                        Arrays.asList(null, null, null));
    }

    @Test
    void emptyTableHasOneRangeAndOneWindowThatCoversAllKeys() {
        TestingSource rows = articles();
        try (PostgresSource source = rows.open()) {
            List<ShardRange> ranges = source.plan(8);
            assertThat(ranges).containsExactly(new ShardRange(0, "{\"after\":null,\"through\":null}", 0));
            List<SourceWindow> windows = TestingSource.windows(source, ranges.getFirst(), Optional.empty());
            assertThat(windows).hasSize(1);
            assertThat(windows.getFirst().covered()).contains(new KeyRange(Optional.empty(), Optional.empty()));
        }
    }

    @Test
    void readingOutlivesARestartOfTheServer() {
        try (TestingPostgres server = TestingPostgres.start()) {
            TestingSource rows = TestingSource.in(
                    server.uri(),
                    "CREATE TABLE articles (id int PRIMARY KEY, body text)",
                    "INSERT INTO articles SELECT i, 'text' FROM generate_series(1, 9000) i");
            try (PostgresSource source = rows.open()) {
                List<SourceWindow> windows = new ArrayList<>();
                try (WindowReader reader =
                        source.read(source.plan(1).getFirst(), Optional.empty(), TestingSource.WINDOW_DOCUMENTS)) {
                    windows.add(reader.next().orElseThrow());
                    server.kill();
                    Thread restart = Thread.ofVirtual().start(server::restart);
                    for (Optional<SourceWindow> w = reader.next(); w.isPresent(); w = reader.next()) {
                        windows.add(w.get());
                    }
                    join(restart);
                }
                assertThat(keys(windows)).hasSize(9000).doesNotHaveDuplicates();
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TestingSource articles(String... statements) {
        return TestingSource.of("CREATE TABLE articles (id bigint PRIMARY KEY, body text)")
                .sql(statements);
    }
}
