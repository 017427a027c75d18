package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.source;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourceSchema;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WindowCommitTest {
    private final String database = newDatabase();

    @Test
    void committedDocumentHasOneRowAChunk() {
        SourceSchema schema = source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema);

            ShardCounters counters = windows.commit(
                    window("7", embedded(document(new Key.Number(7), "first second", "ar"), "first ", "second")));

            assertThat(query(
                            database,
                            "SELECT id, chunk, content, embedding, lang, chunk_start, chunk_end FROM vectors"))
                    .containsExactly("7|0|first |[1,0.5,-2]|ar|0|6", "7|1|second|[2,0.5,-2]|ar|6|12");
            assertThat(query(
                            database,
                            "SELECT count(*) FROM vectors WHERE embedded_at BETWEEN now() - interval '1 minute'"
                                    + " AND now() AND length(document_hash) = 16"))
                    .containsExactly("2");
            assertThat(counters).isEqualTo(new ShardCounters(1, 1, 0, 0, 2, 6, 0, 0));
            assertThat(sink.state(run).totals()).isEqualTo(counters);
            assertThat(windows.hashes(List.of(new Key.Number(7), new Key.Number(8))))
                    .containsExactly(java.util.Map.entry(new Key.Number(7), DocumentHash.of("recipe", "first second")));
            assertThat(sink.take(run, 0).orElseThrow().position()).contains(new Position("7"));
        }
    }

    @Test
    void changedDocumentLosesTheChunksThatItNoLongerHas() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), ARTICLES);
            windows.commit(window("1", embedded(document(new Key.Number(1), "old"), "a", "b", "c")));

            windows.commit(window("1 again", embedded(document(new Key.Number(1), "new"), "d")));

            assertThat(query(database, "SELECT id, chunk, content FROM vectors"))
                    .containsExactly("1|0|d");
        }
    }

    @Test
    void everyMetadataTypeArrivesAsItWas() {
        List<Object> values = List.of(
                true,
                (short) -3,
                42,
                1L << 40,
                1.5f,
                -2.25,
                new BigDecimal("-12345678901234567890.000123400"),
                "naïve 𝄞",
                UUID.fromString("6f1c1f9e-3a55-4f5e-9d38-0c1f5e2b7a10"),
                LocalDate.of(1999, 12, 31),
                LocalDateTime.of(2024, 2, 29, 23, 59, 59, 123_456_000),
                Instant.parse("1969-07-20T20:17:40.5Z"),
                "{\"a\": [1, null]}");
        MetadataColumn[] columns = Arrays.stream(ColumnType.values())
                .map(type -> new MetadataColumn("m_" + type.name().toLowerCase(), type))
                .toArray(MetadataColumn[]::new);
        SourceSchema schema = source(KeyType.UUID, KeyOrder.BY_KEY, columns);
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            UUID key = UUID.fromString("00000000-0000-0000-0000-00000000000f");

            sink.windows(run, sink.take(run, 0).orElseThrow(), schema)
                    .commit(window(
                            "end",
                            embedded(document(new Key.Uuid(key), "full", values.toArray()), "full"),
                            embedded(
                                    document(new Key.Uuid(new UUID(0, 16)), "empty", new Object[columns.length]),
                                    "empty")));

            String names = String.join(
                            ", ",
                            Arrays.stream(columns).map(MetadataColumn::name).toList())
                    .replace("m_timestamptz", "m_timestamptz AT TIME ZONE 'UTC'");
            assertThat(query(database, "SELECT id, " + names + " FROM vectors ORDER BY id"))
                    .containsExactly(
                            key + "|t|-3|42|1099511627776|1.5|-2.25|-12345678901234567890.000123400|naïve 𝄞|"
                                    + values.get(8)
                                    + "|1999-12-31|2024-02-29 23:59:59.123456|1969-07-20 20:17:40.5|{\"a\": [1, null]}",
                            new UUID(0, 16) + "|null".repeat(columns.length));
        }
    }
}
