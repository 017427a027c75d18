package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.api.v1alpha1.MetadataType;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.source.Source;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NdjsonMetadataTest {
    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void open() {
        files = new ReadFiles(folder);
    }

    @Test
    void valuesHaveTheTypesThatTheManifestGivesTheirColumns() {
        // given
        files.write("a.ndjson", """
                {"id":"a","text":"x","n":7,"big":9007199254740993,"whole":1e3,"half":0.5,"price":"12.30","ok":true,\
                "day":"2026-01-31","at":"2026-01-31T12:00:00+01:00","zone":"2026-01-31 12:00:00+00","local":"2026-01-31 12:00:00",\
                "uuid":"9B2D4A4E-6E5F-4C3B-8A1D-0123456789AB","tags":["a",{"b":null}],"word":"say \\"hi\\"","none":null}
                """.replace("\\\n", ""));
        Source source = files.withMetadata(
                "*.ndjson",
                DocumentFormat.NDJSON,
                new FileMetadata("n", "number", MetadataType.Integer),
                typed("big", MetadataType.BigInt),
                typed("whole", MetadataType.Integer),
                typed("half", MetadataType.Double),
                typed("price", MetadataType.Numeric),
                typed("ok", MetadataType.Boolean),
                typed("day", MetadataType.Date),
                typed("at", MetadataType.TimestampTZ),
                typed("zone", MetadataType.TimestampTZ),
                typed("local", MetadataType.Timestamp),
                typed("uuid", MetadataType.UUID),
                typed("tags", MetadataType.JSONB),
                typed("word", MetadataType.JSONB),
                typed("none", MetadataType.Integer),
                typed("missing", MetadataType.Date),
                FileMetadata.named("n"));

        // when
        ReadFiles.Contents contents = ReadFiles.all(source);

        // then
        assertThat(contents.failed).isEmpty();
        assertThat(contents.documents.getFirst().metadata())
                .isEqualTo(Arrays.asList(
                        7,
                        9007199254740993L,
                        1000,
                        0.5,
                        new BigDecimal("12.30"),
                        true,
                        LocalDate.of(2026, 1, 31),
                        Instant.parse("2026-01-31T11:00:00Z"),
                        Instant.parse("2026-01-31T12:00:00Z"),
                        LocalDateTime.of(2026, 1, 31, 12, 0),
                        UUID.fromString("9b2d4a4e-6e5f-4c3b-8a1d-0123456789ab"),
                        "[\"a\",{\"b\":null}]",
                        "\"say \\\"hi\\\"\"",
                        null,
                        null,
                        "7"));
        assertThat(source.schema().metadata())
                .startsWith(new MetadataColumn("number", ColumnType.INTEGER))
                .endsWith(new MetadataColumn("n", ColumnType.TEXT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Integer | \"abc\" | 'abc', which is no value of the type integer",
                "Integer | 1.5 | '1.5', which is no value of the type integer",
                "Integer | 2147483648 | '2147483648', which is no value of the type integer",
                "Integer | 1e999999999 | '1e999999999', which is no value of the type integer",
                "Integer | [1] | an array, which is no value of the type integer",
                "Integer | true | 'true', which is no value of the type integer",
                "Double | 1e400 | '1e400', which is no value of the type double precision",
                "Boolean | 1 | '1', which is no value of the type boolean",
                "Date | \"31.1.2026\" | '31.1.2026', which is no value of the type date",
                "Date | \"2026-02-30\" | '2026-02-30', which is no value of the type date",
                "TimestampTZ | \"2026-01-31T12:00:00\" | '2026-01-31T12:00:00', which is no value of the type timestamp with time zone",
                "TimestampTZ | 1767225600 | '1767225600', which is no value of the type timestamp with time zone",
                "UUID | \"1-1-1-1-1\" | '1-1-1-1-1', which is no value of the type uuid",
                "Date | \"a text that is longer than what is shown of one\" | a string, which is no value of the type date"
            })
    void aValueOfAnotherTypeIsTheFailureOfItsDocument(MetadataType type, String json, String told) {
        // given
        files.write(
                "a.ndjson",
                "{\"id\":\"a\",\"text\":\"x\",\"m\":{\"v\":%s}}\n{\"id\":\"b\",\"text\":\"y\"}\n".formatted(json));

        // when
        ReadFiles.Contents contents =
                ReadFiles.all(files.withMetadata("*.ndjson", DocumentFormat.NDJSON, typed("m.v", type)));

        // then
        assertThat(contents.keys()).containsExactly("b");
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.of("a"),
                        "a.ndjson at byte 0",
                        "field m.v is " + told
                                + " that spec.source.volume.metadata gives its column: correct one of them"));
    }

    @Test
    void aNameWithADotIsAMemberOrElseLeadsIntoAnObject() {
        // given
        files.write("a.ndjson", """
                {"id":"1","text":"x","meta":{"title":"nested","dc.title":"deep"}}
                {"id":"2","text":"x","meta":{"title":"nested"},"meta.title":"literal"}
                {"id":"3","text":"x","meta.title":"literal","meta":{"title":"nested","dc":{"title":"deeper"}}}
                {"id":"4","text":"x","meta":"no object"}
                {"id":"5","text":"x","meta":{"title":"one","title":"two"}}
                {"id":"6","text":"x","meta":{"title":"one"},"meta":{"title":"two"}}
                """);

        // when
        ReadFiles.Contents contents = ReadFiles.all(
                files.ndjson("*.ndjson", List.of("text"), List.of("meta.title", "meta.dc.title", "meta")));

        // then
        assertThat(contents.documents)
                .extracting(document -> document.metadata().toString())
                .containsExactly(
                        "[nested, deep, {\"title\":\"nested\",\"dc.title\":\"deep\"}]",
                        "[literal, null, {\"title\":\"nested\"}]",
                        "[literal, deeper, {\"title\":\"nested\",\"dc\":{\"title\":\"deeper\"}}]",
                        "[null, null, no object]");
        assertThat(contents.failed)
                .extracting(FailedDocument::reason)
                .containsExactly(
                        "field meta.title stands twice in the object: keep one",
                        "field meta stands twice in the object: keep one");
    }

    @Test
    void keysAndTextsMayBeNestedToo() {
        // given
        files.write("a.ndjson", "{\"doc\":{\"id\":7,\"body\":{\"text\":\"words\"}},\"text\":\"others\"}\n");

        // when
        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson", "doc.id", List.of("doc.body.text")));

        // then
        assertThat(contents.keys()).containsExactly("7");
        assertThat(contents.texts()).containsExactly("words");
    }

    private static FileMetadata typed(String field, MetadataType type) {
        return new FileMetadata(field, null, type);
    }
}
