package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingDocuments.source;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MetadataRefreshTest {
    private final String database = newDatabase();

    @Test
    void unchangedDocumentGetsItsNewMetadataOfEveryType() {
        // given a document that was stored without metadata
        MetadataColumn[] columns = Arrays.stream(ColumnType.values())
                .map(type -> new MetadataColumn("m_" + type.name().toLowerCase(), type))
                .toArray(MetadataColumn[]::new);
        SourceSchema schema = TestingSink.source(KeyType.BIGINT, KeyOrder.BY_KEY, columns);
        Document before = document(new Key.Number(1), "text", new Object[columns.length]);
        Document copied = document(new Key.Number(2), "text", TestingDocuments.A_VALUE_OF_EVERY_TYPE.toArray());
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);
            windows.commit(TestingDocuments.window("1", embedded(before, "te", "xt"), embedded(copied, "te", "xt")));

            // when
            windows.commit(unchanged(
                    "2", document(new Key.Number(1), "text", TestingDocuments.A_VALUE_OF_EVERY_TYPE.toArray())));

            // then its rows equal those that were copied with the same values
            assertThat(query(
                            database,
                            "SELECT count(*), count(DISTINCT row(m.*)) FROM (SELECT "
                                    + String.join(
                                            ", ",
                                            Arrays.stream(columns)
                                                    .map(MetadataColumn::name)
                                                    .toList())
                                    + " FROM vectors) m"))
                    .containsExactly("4|1");
        }
    }

    @Test
    void valuesThatHaveNoPlaceInACalendarAreStoredAndRefreshedAlike() {
        // given
        SourceSchema schema = TestingSink.source(
                KeyType.BIGINT,
                KeyOrder.BY_KEY,
                new MetadataColumn("day", ColumnType.DATE),
                new MetadataColumn("local", ColumnType.TIMESTAMP),
                new MetadataColumn("at", ColumnType.TIMESTAMPTZ),
                new MetadataColumn("n", ColumnType.NUMERIC));
        Object[] highest = {LocalDate.MAX, LocalDateTime.MAX, OffsetDateTime.MAX.toInstant(), Double.POSITIVE_INFINITY};
        Object[] lowest = {LocalDate.MIN, LocalDateTime.MIN, OffsetDateTime.MIN.toInstant(), Double.NEGATIVE_INFINITY};
        Object[] distant = {
            LocalDate.of(-43, 3, 15),
            LocalDateTime.of(12_000, 1, 2, 3, 4, 5, 6_000),
            LocalDateTime.of(0, 12, 31, 23, 0).toInstant(ZoneOffset.UTC),
            Double.NaN
        };
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);
            windows.commit(TestingDocuments.window(
                    "1",
                    embedded(document(new Key.Number(1), "one", highest), "one"),
                    embedded(document(new Key.Number(2), "two", lowest), "two"),
                    embedded(document(new Key.Number(3), "three", distant), "three")));
            List<String> copied = query(database, "SELECT xmin, day, local, at AT TIME ZONE 'UTC', n FROM vectors");

            // when
            windows.commit(unchanged(
                    "2",
                    document(new Key.Number(1), "one", highest),
                    document(new Key.Number(2), "two", lowest),
                    document(new Key.Number(3), "three", distant)));

            // then nothing was written anew
            assertThat(query(database, "SELECT day, local, at AT TIME ZONE 'UTC', n FROM vectors ORDER BY id"))
                    .containsExactly(
                            "infinity|infinity|infinity|Infinity",
                            "-infinity|-infinity|-infinity|-Infinity",
                            "0044-03-15 BC|12000-01-02 03:04:05.000006|0001-12-31 23:00:00 BC|NaN");
            assertThat(query(database, "SELECT xmin, day, local, at AT TIME ZONE 'UTC', n FROM vectors"))
                    .isEqualTo(copied);
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10)).isEmpty();
        }
    }

    @Test
    void rowThatIsUpToDateIsNotWritten() {
        SourceSchema schema =
                TestingSink.source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("lang", ColumnType.TEXT));
        Document document = document(new Key.Number(1), "text", "ar");
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);
            windows.commit(TestingDocuments.window("1", embedded(document, "text")));
            List<String> written = query(database, "SELECT xmin FROM vectors");

            Counts counters = windows.commit(unchanged("2", document));

            assertThat(query(database, "SELECT xmin FROM vectors")).isEqualTo(written);
            assertThat(counters).isEqualTo(new Counts(2, 1, 1, 0, 1, 3, 0, 0, 0));
        }
    }

    @Test
    void metadataThatTheServerRefusesFailsItsDocumentAlone() {
        SourceSchema schema =
                TestingSink.source(KeyType.BIGINT, KeyOrder.BY_KEY, new MetadataColumn("tags", ColumnType.JSONB));
        try (EmbeddingSink sink = prepared(spec(), schema, database)) {
            Run run = run(sink, 1);
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), schema, Durability.EVERY_SHARD);
            windows.commit(TestingDocuments.window(
                    "1",
                    embedded(document(new Key.Number(1), "one", "[1]"), "one"),
                    embedded(document(new Key.Number(2), "two", "[2]"), "two")));

            Counts counters = windows.commit(unchanged(
                    "2", document(new Key.Number(1), "one", "[broken"), document(new Key.Number(2), "two", "[22]")));

            assertThat(query(database, "SELECT id, tags FROM vectors ORDER BY id"))
                    .containsExactly("1|[1]", "2|[22]");
            assertThat(counters.skipped()).isEqualTo(1);
            assertThat(sink.failedDocuments(run, OptionalInt.empty(), 10))
                    .singleElement()
                    .satisfies(
                            failed -> assertThat(failed.reason())
                                    .isEqualTo(
                                            "the table public.vectors refuses it: invalid input syntax for type json (SQLSTATE 22P02)"));
        }
    }

    private static Window<EmbeddedDocument> unchanged(String end, Document... documents) {
        return new Window<>(
                source(end, Optional.empty(), List.of(documents)), List.of(), List.of(documents), List.of());
    }
}
