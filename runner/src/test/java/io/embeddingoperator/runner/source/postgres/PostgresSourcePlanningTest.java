package io.embeddingoperator.runner.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.source.ShardRange;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresSourcePlanningTest {
    private static final int ROWS = 200_000;

    @ParameterizedTest
    @CsvSource(delimiter = '@', quoteCharacter = '`', textBlock = """
            bigint PRIMARY KEY                        @ (i * power(1.00015, i))::bigint
            bigint PRIMARY KEY                        @ i
            bigint UNIQUE                             @ (i * power(1.00015, i))::bigint
            text PRIMARY KEY        @ repeat('a', i % 7) || md5(i::text)
            text COLLATE "en-x-icu" PRIMARY KEY       @ CASE WHEN i % 3 = 0 THEN 'É' ELSE 'e' END || i
            uuid PRIMARY KEY                          @ (CASE WHEN i % 10 = 0 THEN md5(i::text) ELSE '00000000' || right(md5(i::text), 24) END)::uuid
            """)
    void rangesAreBalancedWhetherFromASampleOrNot(String type, String key) {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id " + type + ", body text)",
                "INSERT INTO articles SELECT " + key + ", repeat('x', 200) FROM generate_series(1, " + ROWS + ") i");
        try (PostgresSource source = rows.open()) {
            for (int shards : new int[] {8, 64}) {
                assertBalanced(source.plan(shards), shards, ROWS, 1.01);
            }
            assertBalanced(source.plan(8, 0, 200), 8, ROWS, 1.2);
        }
    }

    @Test
    void conditionThatLeavesOneEndOfTheKeysIsBalancedToo() {
        TestingSource rows = TestingSource.of(
                        "CREATE TABLE articles (id bigint PRIMARY KEY, body text)",
                        "INSERT INTO articles SELECT i, 'x' FROM generate_series(1, 100000) i")
                .where("id > 90000 OR id % 1000 = 0");
        try (PostgresSource source = rows.open()) {
            assertBalanced(source.plan(16), 16, 10_090, 1.02);
            // A sample of few blocks sees next to nothing of them.
            assertBalanced(source.plan(16, 0, 5), 16, 10_090, 1.2);
        }
    }

    @Test
    void viewsAndRepeatedKeysAreBalancedByDifferentKeys() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id int, body text)",
                "INSERT INTO articles SELECT i, 'x' FROM generate_series(1, 10000) i",
                "INSERT INTO articles SELECT 5, 'x' FROM generate_series(1, 10000) i",
                "CREATE VIEW v AS SELECT * FROM articles");
        for (String table : List.of("articles", "v")) {
            try (PostgresSource source = rows.table(table).open()) {
                assertBalanced(source.plan(8), 8, 10_000, 1.01);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 1_000, 1_003})
    void oneColumnIsDividedWhereTheSameKeysOfSeveralAre(int keys) {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id text COLLATE \"en-x-icu\" PRIMARY KEY, half int, body text)",
                "INSERT INTO articles SELECT chr(96 + i %% 26) || i, i / 2, 'x' FROM generate_series(1, %d) i"
                        .formatted(keys));
        try (PostgresSource one = rows.open();
                PostgresSource several = rows.key("id", "half").open()) {
            assertThat(one.plan(8).stream().map(ShardRange::work).toList())
                    .isEqualTo(several.plan(8).stream().map(ShardRange::work).toList());
        }
    }

    @Test
    void fewKeysMakeFewRanges() {
        TestingSource rows = TestingSource.of(
                "CREATE TABLE articles (id text PRIMARY KEY, body text)",
                "INSERT INTO articles VALUES ('b', 'x'), ('a', 'x')");
        try (PostgresSource source = rows.open()) {
            assertThat(source.plan(8))
                    .containsExactly(
                            new ShardRange(0, "{\"after\":null,\"through\":\"a\"}", 1),
                            new ShardRange(1, "{\"after\":\"a\",\"through\":null}", 1));
            assertThat(source.plan(1)).containsExactly(new ShardRange(0, "{\"after\":null,\"through\":null}", 2));
        }
    }

    private static void assertBalanced(List<ShardRange> ranges, int shards, long documents, double limit) {
        assertThat(ranges).hasSize(shards);
        assertThat(ranges.stream().mapToLong(ShardRange::work).sum()).isEqualTo(documents);
        double mean = (double) documents / shards;
        assertThat(ranges.stream().mapToLong(ShardRange::work).max().orElseThrow() / mean)
                .isLessThanOrEqualTo(limit);
    }
}
