package io.embeddingoperator.runner.source.postgres;

import static io.embeddingoperator.runner.source.postgres.TestingSource.documents;
import static io.embeddingoperator.runner.source.postgres.TestingSource.failed;
import static io.embeddingoperator.runner.source.postgres.TestingSource.keys;
import static io.embeddingoperator.runner.source.postgres.TestingSource.windows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose rows only several columns together tell apart. */
class SeveralKeyColumnsTest {
    /** Types, and the values that they have for the digits. */
    private static final List<Part> PARTS = List.of(
            new Part("bigint", "(%s - 3) * 1000000007::bigint"),
            new Part("int", "%s - 3"),
            new Part("smallint", "%s"),
            new Part("text", "(ARRAY['', '/', '~', '~1', 'a/b', 'a', E'\\\\ \"', 'ä', '😀', '{,}'])[%s + 1]"),
            new Part(
                    "text COLLATE \"en-x-icu\"",
                    "(ARRAY['e', 'É', 'f', 'E', 'é', 'a b', 'a-c', 'ab', 'Z', 'z'])[%s + 1]"),
            new Part("text COLLATE \"C\"", "chr(94 + %s)"),
            new Part("varchar(40)", "repeat('/', %s)"),
            new Part("char(12)", "'c' || %s"),
            new Part("uuid", "md5((%s)::text)::uuid"));

    private static final int COLUMNS = 3;
    private static final int ROWS = 1_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void holdTheSameDocumentsOnceAsOneColumnDoesWhateverTheirTypesAre(long seed) {
        // given
        Random random = new Random(seed);
        List<Part> parts = new ArrayList<>(PARTS);
        Collections.shuffle(parts, random);
        List<String> columns =
                IntStream.range(0, COLUMNS).mapToObj(i -> "c" + i).toList();
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int, body text, "
                        + IntStream.range(0, COLUMNS)
                                .mapToObj(
                                        i -> "c%d %s".formatted(i, parts.get(i).type()))
                                .collect(Collectors.joining(", "))
                        + constraint(random, columns) + ")",
                "INSERT INTO articles SELECT n, 'text ' || n, "
                        + IntStream.range(0, COLUMNS)
                                .mapToObj(i -> parts.get(i).value().formatted(digit(i)))
                                .collect(Collectors.joining(", "))
                        + " FROM generate_series(0, %d) n ORDER BY md5(n::text)".formatted(ROWS - 1));

        // when
        List<SourceWindow> windows = new ArrayList<>();
        try (PostgresSource source = rows.key(columns.toArray(String[]::new)).open()) {
            for (ShardRange range : source.plan(1 + random.nextInt(5))) {
                List<SourceWindow> ofRange = windows(source, range, Optional.empty(), 1 + random.nextInt(300));
                int stop = random.nextInt(ofRange.size());
                Position end = ofRange.get(stop).end();
                assertThat(documents(windows(source, range, Optional.of(end), 100)))
                        .isEqualTo(documents(ofRange.subList(stop + 1, ofRange.size())));
                assertThat(ofRange.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(range.work());
                windows.addAll(ofRange);
            }
        }

        // then
        assertThat(failed(windows)).isEmpty();
        assertThat(documents(windows).stream().map(Document::text))
                .containsExactlyInAnyOrderElementsOf(
                        documents(rows.windows(2)).stream().map(Document::text).toList());
        assertThat(keys(windows))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(texts(
                        rows,
                        "SELECT %s FROM articles"
                                .formatted(columns.stream()
                                        .map("replace(replace(%s::text, '~', '~0'), '/', '~1')"::formatted)
                                        .collect(Collectors.joining(" || '/' || ")))));
    }

    @Test
    void pageIsReadThroughTheIndexOnThemFromItsFirstRowToItsLast() throws SQLException {
        // given
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text COLLATE \"en-x-icu\", id int, body text, PRIMARY KEY (tenant, id))",
                        "INSERT INTO articles SELECT 'one', i, 'text' FROM generate_series(1, 30000) i",
                        "INSERT INTO articles SELECT 't' || i, 1, 'text' FROM generate_series(1, 3000) i",
                        "ANALYZE articles")
                .key("tenant", "id");

        // when
        List<String> plan;
        try (Connection connection = TestingPostgres.connect(rows.uri())) {
            CatalogTable table = new Catalog(connection).table(TableName.parse("table", "articles"));
            TableQueries queries = new TableQueries(
                    table,
                    DocumentColumns.of(rows.spec(), table, "reader"),
                    Condition.of(null),
                    true,
                    Optional.empty(),
                    Optional.empty());
            KeyBounds bounds = new KeyBounds(RowKey.of("one", "20000"), RowKey.of("t7", "1"));
            try (PreparedStatement statement =
                    connection.prepareStatement("EXPLAIN ANALYZE " + queries.page(bounds, 1_000))) {
                for (int i = 0; i < 4; i++) {
                    statement.setObject(
                            i + 1, List.of("one", "20000", "t7", "1").get(i), Types.OTHER);
                }
                plan = lines(statement);
            }
        }
        List<SourceWindow> windows = rows.windows(2);

        // then
        assertThat(plan)
                .noneMatch(line -> line.contains("Sort") || line.contains("Seq Scan"))
                .anyMatch(line -> line.contains("Index Scan") && line.contains("rows=1000"))
                .anyMatch(line -> line.contains("Index Cond: ((ROW(tenant, id) > ROW('one'::text, 20000))")
                        && line.contains("ROW(tenant, id) <= ROW('t7'::text, 1)"))
                .noneMatch(line -> line.contains("Rows Removed by Filter"));
        assertThat(keys(windows)).hasSize(33_000).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tenant, id                         | true
            tenant, id, body                   | true
            tenant DESC, id DESC               | true
            tenant DESC, id                    | false
            tenant NULLS FIRST, id NULLS FIRST | false
            tenant COLLATE "C", id             | false
            tenant text_pattern_ops, id        | false
            id, tenant                         | false
            tenant) INCLUDE (id                | false
            tenant, id) WHERE (id > 1          | false
            """)
    void indexGivesTheirOrderWhereItsOwnIsTheSame(String definition, boolean expected) throws SQLException {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text, id int, body text)",
                        "CREATE INDEX ON articles (" + definition + ")")
                .key("tenant", "id");

        try (Connection connection = TestingPostgres.connect(rows.uri())) {
            Catalog catalog = new Catalog(connection);
            CatalogTable table = catalog.table(TableName.parse("table", "articles"));
            KeyColumns key = DocumentColumns.of(rows.spec(), table, "reader").key();

            assertThat(catalog.isIndexed(table, key)).isEqualTo(expected);
        }
    }

    @Test
    void rangesAreBalancedAlsoWhereMostRowsHaveOneValueInTheFirst() {
        // given
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text COLLATE \"en-x-icu\", id bigint, body text, PRIMARY KEY (tenant, id))",
                        "INSERT INTO articles SELECT CASE WHEN i % 10 = 0 THEN 'É' || i ELSE 'f' END, i, repeat('x', 200)"
                                + " FROM generate_series(1, 200000) i")
                .key("tenant", "id");

        try (PostgresSource source = rows.open()) {
            // when
            List<ShardRange> exact = source.plan(64);
            List<ShardRange> sampled = source.plan(8, 0, 200);

            // then
            assertThat(exact).hasSize(64).allMatch(range -> range.work() <= 3_126);
            assertThat(sampled).hasSize(8).allMatch(range -> range.work() <= 30_000);
            assertThat(sampled.stream().mapToLong(ShardRange::work).sum()).isEqualTo(200_000);
        }
    }

    @Test
    void rowWithoutOneOfThemFailsOnceAlsoAfterAResume() {
        // given
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text, id int, body text, UNIQUE (tenant, id))",
                        "INSERT INTO articles SELECT t, i, 'good' FROM unnest(ARRAY['a', 'b', 'c']) t, generate_series(1, 1000) i",
                        "INSERT INTO articles VALUES (NULL, 1, 'x'), ('b', NULL, 'x'), (NULL, NULL, 'x'), ('z', NULL, 'x')",
                        "CREATE VIEW v AS SELECT * FROM articles")
                .key("tenant", "id");
        for (String table : List.of("articles", "v")) {
            try (PostgresSource source = rows.table(table).open()) {
                // when
                List<SourceWindow> windows = new ArrayList<>();
                for (ShardRange range : source.plan(2)) {
                    List<SourceWindow> ofRange = windows(source, range, Optional.empty(), 700);
                    for (int i = 0; i < ofRange.size(); i++) {
                        assertThat(windows(
                                        source,
                                        range,
                                        Optional.of(ofRange.get(i).end()),
                                        700))
                                .isEqualTo(ofRange.subList(i + 1, ofRange.size()));
                    }
                    windows.addAll(ofRange);
                }

                // then
                assertThat(keys(windows)).hasSize(3000).doesNotHaveDuplicates();
                assertThat(failed(windows))
                        .hasSize(4)
                        .allMatch(document -> document.key().isEmpty())
                        .allMatch(document -> document.reason()
                                .equals("tenant or id is null: fill it in, or exclude such rows with"
                                        + " spec.source.postgres.where"));
            }
        }
    }

    @Test
    void rowsThatTheyDoNotTellApartFailOnceWithAllTheirValues() {
        // given
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text, id int, version int, body text, PRIMARY KEY (tenant, id, version))",
                        "INSERT INTO articles SELECT 'a/b', i, 1, 'good' FROM generate_series(1, 2000) i",
                        "INSERT INTO articles SELECT 'a/b', 5, v, 'again' FROM generate_series(2, 3000) v",
                        "CREATE VIEW v AS SELECT * FROM articles")
                .key("tenant", "id");

        // when
        List<SourceWindow> windows = rows.windows(2);
        List<SourceWindow> ofView = rows.table("v").windows(2);

        // then
        assertThat(keys(windows)).hasSize(1999).doesNotHaveDuplicates().contains("a~1b/6");
        assertThat(failed(windows))
                .containsExactly(new FailedDocument(
                        Optional.of("a~1b/5"),
                        "public.articles tenant=a/b id=5",
                        "tenant=a/b id=5 stands in 3000 rows of public.articles, whose rows are told apart by tenant and id and"
                                + " version together: name them all, keyColumns: [tenant, id, version]"));
        assertThat(failed(ofView).getFirst().reason())
                .isEqualTo("tenant=a/b id=5 stands in 3000 rows of public.v: make it unique, or change"
                        + " spec.source.postgres.keyColumns");
    }

    @Test
    void rowThatTheServerCannotEvaluateFailsAlone() {
        // given
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE base (tenant text, id int, n int, PRIMARY KEY (tenant, id))",
                        "INSERT INTO base SELECT t, i, i % 1000 FROM unnest(ARRAY['a', 'b']) t, generate_series(1, 1500) i",
                        "CREATE VIEW articles AS SELECT tenant, id, (1000 / n)::text AS body FROM base")
                .key("tenant", "id");

        // when
        List<SourceWindow> windows = rows.windows(2);

        // then
        assertThat(keys(windows)).hasSize(2998).doesNotHaveDuplicates();
        assertThat(failed(windows))
                .extracting(FailedDocument::location)
                .containsExactly("public.articles tenant=a id=1000", "public.articles tenant=b id=1000");
    }

    @Test
    void rangesAndPositionsHoldTheirValuesAndThoseOfOneColumnAreAsTheReleaseBeforeWroteThem() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int PRIMARY KEY, tenant text, body text, UNIQUE (tenant, id))",
                "INSERT INTO articles SELECT i, 'a', 'text ' || i FROM generate_series(1, 4) i");

        // given a shard of one column in the state of an earlier release
        ShardRange earlier = new ShardRange(0, "{\"after\":\"1\",\"through\":\"3\"}", 2);
        Position read = new Position("{\"key\":\"2\",\"withoutKey\":null}");

        // then
        try (PostgresSource source = rows.open()) {
            List<SourceWindow> rest = windows(source, earlier, Optional.of(read), 1);
            assertThat(keys(rest)).containsExactly("3");
            assertThat(rest.getFirst().end()).isEqualTo(new Position("{\"key\":\"3\",\"withoutKey\":null}"));
        }
        try (PostgresSource source = rows.key("tenant", "id").open()) {
            List<ShardRange> ranges = source.plan(2);
            assertThat(ranges)
                    .containsExactly(
                            new ShardRange(0, "{\"after\":null,\"through\":[\"a\",\"2\"]}", 2),
                            new ShardRange(1, "{\"after\":[\"a\",\"2\"],\"through\":null}", 2));
            assertThat(windows(source, ranges.getLast(), Optional.empty(), 1)
                            .getFirst()
                            .end())
                    .isEqualTo(new Position("{\"key\":[\"a\",\"3\"],\"withoutKey\":null}"));
        }
    }

    @Test
    void partsMayBeMetadataToo() {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (tenant text, id int, body text, PRIMARY KEY (tenant, id))",
                        "INSERT INTO articles VALUES ('a', 7, 'text')")
                .key("tenant", "id")
                .metadata("tenant", "id");

        assertThat(documents(rows.windows(1)).getFirst().metadata()).containsExactly("a", 7);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            tenant, ID | keyColumns names 'ID', which public.articles does not have; its columns are tenant, id, at, body
            tenant, at | keyColumns names 'at', which is of type date in public.articles: use a column of bigint, integer, smallint, text, varchar, char and uuid
            id, id     | keyColumns names 'id', which was named before: leave it out
            id, tenant | keyColumns names 'tenant', whose collation takes different texts for equal, and no unique index of that collation shows that keys differ in public.articles: create one, or choose another column
            """)
    void whatIsNoKeyIsRefused(String columns, String message) {
        TestingSource rows = TestingSource.of(
                "CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE articles (tenant text COLLATE ignore_case, id int, at date, body text)");

        assertThatThrownBy(() -> rows.key(columns.split(", ")).open())
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.postgres." + message);
    }

    @Test
    void uniqueIndexUnderAnotherCollationDoesNotShowThatTextsDiffer() {
        // given three rows that the column's collation takes for equal, more than a window holds
        TestingSource rows = TestingSource.of(
                "CREATE COLLATION ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE articles (tenant text COLLATE ignore_case, id int, body text)",
                "CREATE UNIQUE INDEX ON articles (tenant COLLATE \"C\", id)",
                "INSERT INTO articles SELECT t, 1, t FROM unnest(ARRAY['acme', 'ACME', 'Acme']) t");

        // when, then
        assertThatThrownBy(() -> rows.key("tenant", "id").open())
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.source.postgres.keyColumns names 'tenant', whose collation takes different texts for equal, and no"
                                + " unique index of that collation shows that keys differ in public.articles: create one, or choose another column");

        // given an index under the column's own collation
        rows.sql(
                "DELETE FROM articles WHERE tenant <> 'acme' COLLATE \"C\"",
                "CREATE UNIQUE INDEX ON articles (tenant, id)");

        // when, then
        assertThat(keys(rows.key("tenant", "id").windows(1))).containsExactly("acme/1");
    }

    /** An index in their order, one in another order, and none. */
    private static String constraint(Random random, List<String> columns) {
        return switch (random.nextInt(3)) {
            case 0 -> ", PRIMARY KEY (%s)".formatted(String.join(", ", columns));
            case 1 -> ", UNIQUE (%s)".formatted(String.join(", ", columns.reversed()));
            default -> "";
        };
    }

    /** SQL for a digit of the row's number: a column alone repeats itself, and all digits together do not. */
    private static String digit(int place) {
        return "(n / %d %% 10)".formatted((int) Math.pow(10, place));
    }

    private static List<String> texts(TestingSource rows, String query) {
        try (Connection connection = TestingPostgres.connect(rows.uri());
                PreparedStatement statement = connection.prepareStatement(query)) {
            return lines(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static List<String> lines(PreparedStatement statement) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                lines.add(row.getString(1));
            }
        }
        return lines;
    }

    private record Part(String type, String value) {}
}
