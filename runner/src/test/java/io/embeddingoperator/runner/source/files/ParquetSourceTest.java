package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceWindow;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetSourceTest {
    /** What tells a programmer more than a person. */
    private static final Pattern JAVA =
            Pattern.compile("Exception|java\\.|org\\.apache|because \"|out of bounds|^class ");

    private static final List<String> EVERY_TYPE = List.of(
            "b", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "dec", "day", "local", "instant",
            "guid", "json");

    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void openFolder() {
        files = new ReadFiles(folder);
    }

    @Test
    void readsEveryTypeOfColumn() throws IOException {
        copy("types.parquet", "types.parquet");

        Source source = files.parquet("*.parquet", "id", List.of("text"), EVERY_TYPE);

        assertThat(source.schema().keyType()).isEqualTo(KeyType.BIGINT);
        assertThat(source.schema().metadata().stream().map(MetadataColumn::type))
                .containsExactly(
                        ColumnType.BOOLEAN,
                        ColumnType.SMALLINT,
                        ColumnType.SMALLINT,
                        ColumnType.INTEGER,
                        ColumnType.BIGINT,
                        ColumnType.SMALLINT,
                        ColumnType.INTEGER,
                        ColumnType.BIGINT,
                        ColumnType.NUMERIC,
                        ColumnType.REAL,
                        ColumnType.DOUBLE,
                        ColumnType.NUMERIC,
                        ColumnType.DATE,
                        ColumnType.TIMESTAMP,
                        ColumnType.TIMESTAMPTZ,
                        ColumnType.UUID,
                        ColumnType.JSONB);
        List<Object> values = List.of(
                true,
                (short) -8,
                (short) -16,
                -32,
                -64L,
                (short) 200,
                60000,
                4000000000L,
                new BigDecimal("18000000000000000000"),
                0.5f,
                0.25,
                new BigDecimal("-12.340"),
                LocalDate.of(2024, 2, 29),
                LocalDateTime.of(2024, 2, 29, 12, 30, 1, 5_000_000),
                Instant.parse("2024-02-29T12:30:01.000005Z"),
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                "{\"a\": 1}");
        assertThat(ReadFiles.all(source).documents)
                .containsExactly(
                        new Document(new Key.Number(1), "one", values, "types.parquet row 0"),
                        new Document(
                                new Key.Number(2),
                                "two",
                                Collections.nCopies(EVERY_TYPE.size(), null),
                                "types.parquet row 1"));
        for (int i = 0; i < values.size(); i++) {
            assertThat(values.get(i))
                    .isInstanceOf(source.schema().metadata().get(i).type().javaType());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4"})
    void readsEveryCodec(String codec) throws IOException {
        copy("rows-%s.parquet".formatted(codec), "rows.parquet");

        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));

        assertThat(contents.failed).isEmpty();
        assertThat(contents.keys())
                .isEqualTo(IntStream.range(0, 1000).mapToObj(Integer::toString).toList());
        assertThat(contents.texts()).last().isEqualTo("text 999 with é and 世界");
    }

    @Test
    void saysThatACodecIsUnknown() throws IOException {
        copy("rows-brotli.parquet", "rows.parquet");

        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("text"), List.of()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("column id of rows.parquet is compressed with BROTLI, which cannot be read:"
                        + " write the file with one of [UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW]");
    }

    @Test
    void dividesAFileAtItsRowGroupsAndReadsEveryRowOnce() throws IOException {
        copy("rows-snappy.parquet", "a.parquet");
        copy("rows-none.parquet", "b.parquet");
        Source source = files.parquet("*.parquet", "id", List.of("text"), List.of());

        List<ShardRange> ranges = source.plan(3);

        List<String> read = new ArrayList<>();
        for (ShardRange range : ranges) {
            ReadFiles.Contents contents = new ReadFiles.Contents();
            List<SourceWindow> windows = ReadFiles.windows(source, range, Optional.empty());
            contents.addAll(windows);
            contents.documents.forEach(document -> read.add(document.location()));
            contents.failed.forEach(document -> read.add(document.location()));
            assertThat(windows.stream().mapToLong(SourceWindow::work).sum()).isEqualTo(range.work());
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            expected.add("a.parquet row " + i);
            expected.add("b.parquet row " + i);
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(ranges).hasSize(3);
        long most = ranges.stream().mapToLong(ShardRange::work).max().orElseThrow();
        double mean = ranges.stream().mapToLong(ShardRange::work).average().orElseThrow();
        assertThat(most / mean).isLessThan(1.1);
    }

    @Test
    void goesOnAtAnyRow() throws IOException {
        copy("rows-zstd.parquet", "rows.parquet");
        Source source = files.parquet("*.parquet", "id", List.of("text"), List.of());
        ShardRange range = source.plan(1).get(0);
        List<Document> all =
                ReadFiles.windows(source, range, Optional.empty()).get(0).documents();

        for (int row : List.of(1, 99, 100, 101, 555, 999, 1000)) {
            List<Document> rest =
                    ReadFiles.windows(source, range, Optional.of(new Place(0, row, 0).toPosition())).stream()
                            .flatMap(window -> window.documents().stream())
                            .toList();
            assertThat(rest).isEqualTo(all.subList(row, 1000));
        }
    }

    @Test
    void namesWhatIsWrongWithOneRowAndReadsTheOthers() throws IOException {
        copy("text-key.parquet", "a.parquet");

        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));

        assertThat(contents.keys()).containsExactly("a");
        assertThat(contents.failed)
                .containsExactly(
                        new FailedDocument(
                                Optional.empty(), "a.parquet row 1", "field id is empty: every document needs a key"),
                        new FailedDocument(
                                Optional.empty(), "a.parquet row 2", "column id is null: every document needs a key"),
                        FailedDocument.empty(
                                "b",
                                "a.parquet row 3",
                                "there is no text to embed: field text is missing, null or empty"));
    }

    @Test
    void readsBytesThatAreTextAndNamesThoseThatAreNot() throws IOException {
        copy("binary.parquet", "a.parquet");

        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));

        assertThat(contents.texts()).containsExactly("ä");
        assertThat(contents.failed)
                .containsExactly(
                        new FailedDocument(
                                Optional.empty(),
                                "a.parquet row 1",
                                "column text is not valid UTF-8 at byte 1: write it as UTF-8"),
                        new FailedDocument(
                                Optional.of("3"),
                                "a.parquet row 2",
                                "field text has a NUL at character 3, which PostgreSQL cannot store: remove it"));
    }

    @Test
    void takesUuidKeys() throws IOException {
        copy("uuid-key.parquet", "a.parquet");

        Source source = files.parquet("*.parquet", "id", List.of("text"), List.of());

        assertThat(source.schema().keyType()).isEqualTo(KeyType.UUID);
        assertThat(ReadFiles.all(source).documents.get(0).key())
                .isEqualTo(new Key.Uuid(UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "key | text | i8 | spec.source.volume.keyField is key, a column that types.parquet does not have: its columns are id, text, b, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, dec, day, local, instant, guid, json, clock, tags, nested",
                "f64 | text | i8 | spec.source.volume.keyField is f64, which is double precision in types.parquet: a key is an integer, a string or a uuid",
                "id | tags | i8 | spec.source.volume.textFields names tags, which has parts in types.parquet: name a column of single values",
                "id | text | nested | spec.source.volume: the metadata names nested, which has parts in types.parquet: name a column of single values",
                "id | text | clock | spec.source.volume: the metadata names clock, which in types.parquet has a type that cannot be read (optional int64 clock (TIME(MICROS,false)))",
            })
    void namesAColumnThatCannotServe(String key, String text, String metadata, String message) throws IOException {
        copy("types.parquet", "types.parquet");

        assertThatThrownBy(() -> files.parquet("*.parquet", key, List.of(text), List.of(metadata)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(message);
    }

    @Test
    void aNameWithADotLeadsIntoAStruct() throws IOException {
        // given
        copy("types.parquet", "a.parquet");

        // when
        Source source =
                files.parquet("*.parquet", "id", List.of("nested.b.c", "text"), List.of("nested.a", "nested.b.c"));

        // then
        assertThat(source.schema().metadata())
                .containsExactly(
                        new MetadataColumn("nested.a", ColumnType.BIGINT),
                        new MetadataColumn("nested.b.c", ColumnType.TEXT));
        ReadFiles.Contents contents = ReadFiles.all(source);
        assertThat(contents.documents)
                .extracting(document -> document.metadata().toString())
                .containsExactly("[1, d]", "[null, null]");
        assertThat(contents.texts().getFirst()).startsWith("d\n");
        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("nested.b"), List.of()))
                .hasMessageContaining("nested.b, which has parts in a.parquet");
        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("nested.b.d"), List.of()))
                .hasMessageContaining("nested.b.d, a column that a.parquet does not have");
        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("tags.list.element"), List.of()))
                .hasMessageContaining("tags.list.element, a column that a.parquet does not have");
    }

    @Test
    void refusesFilesOfOtherColumns() throws IOException {
        copy("rows-none.parquet", "a.parquet");
        copy("other-type.parquet", "b.parquet");

        Source source = files.parquet("*.parquet", "id", List.of("text"), List.of());

        assertThatThrownBy(() -> source.plan(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("column id is integer in a.parquet and bigint in b.parquet:"
                        + " name files with the same columns in spec.source.volume.path");
        copy("other-columns.parquet", "b.parquet");
        assertThatThrownBy(() -> source.plan(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.volume.textFields names text, a column that b.parquet does not have:"
                        + " its columns are id, body");
    }

    @ParameterizedTest
    @CsvSource({"all-null.parquet, some-values.parquet", "some-values.parquet, all-null.parquet"})
    void columnWithoutAnyValueIsOneOfNulls(String first, String second) throws IOException {
        copy(first, "a.parquet");
        copy(second, "b.parquet");

        Source source = files.parquet("*.parquet", "id", List.of("text"), List.of("note"));

        assertThat(source.schema().metadata()).containsExactly(new MetadataColumn("note", ColumnType.INTEGER));
        ReadFiles.Contents contents = ReadFiles.all(source);
        assertThat(contents.failed).isEmpty();
        assertThat(contents.documents)
                .extracting(document -> document.key() + " " + document.metadata())
                .containsExactlyInAnyOrder("1 [null]", "2 [null]", "3 [7]");
    }

    @Test
    void columnWithoutAnyValueInAnyFileIsTextAndMayBeText() throws IOException {
        copy("all-null.parquet", "a.parquet");

        Source source = files.parquet("*.parquet", "id", List.of("note", "text"), List.of("note"));

        assertThat(source.schema().metadata()).containsExactly(new MetadataColumn("note", ColumnType.TEXT));
        assertThat(ReadFiles.all(source).texts()).containsExactly("one", "two");
    }

    @Test
    void twoColumnsOfOneNameAreToldAsThat() throws IOException {
        copy("same-names.parquet", "a.parquet");

        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("text"), List.of()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.volume.textFields names text, a name that 2 columns of a.parquet have:"
                        + " give each a name of its own");
        assertThat(ReadFiles.all(files.parquet("*.parquet", "id", List.of("title"), List.of()))
                        .texts())
                .containsExactly("a title");
    }

    @Test
    void passesOverAFileThatIsNoParquetAndReadsTheOthers() throws IOException {
        byte[] whole = resource("rows-snappy.parquet");
        files.write("a.parquet", "no Parquet at all");
        files.write("b.parquet", Arrays.copyOf(whole, whole.length - 100));
        files.write("c.parquet", "");
        copy("rows-snappy.parquet", "d.parquet");

        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));

        assertThat(contents.documents).hasSize(1000);
        assertThat(contents.failed.stream().map(FailedDocument::location))
                .containsExactly("a.parquet", "b.parquet", "c.parquet");
        assertThat(contents.failed).extracting(FailedDocument::kind).containsOnly(FailedDocument.Kind.DAMAGE);
        assertThat(contents.failed.get(0).reason())
                .isEqualTo(
                        "the file cannot be read as Parquet (a.parquet is not a Parquet file. Expected magic number at tail, but found [32, 97, 108, 108]): write it again");
    }

    @Test
    void passesOverADamagedRowGroupAndReadsTheOthers() throws IOException {
        byte[] bytes = resource("rows-snappy.parquet");
        int inTheTextOfTheThirdGroup = 4600;
        Arrays.fill(bytes, inTheTextOfTheThirdGroup, inTheTextOfTheThirdGroup + 100, (byte) 0x55);
        files.write("a.parquet", bytes);

        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));

        assertThat(contents.failed).hasSize(1);
        assertThat(contents.failed.get(0).location()).isEqualTo("a.parquet rows 200 to 299");
        assertThat(contents.failed.get(0).kind()).isEqualTo(FailedDocument.Kind.DAMAGE);
        assertThat(contents.failed.get(0).reason())
                .startsWith("the row group cannot be read (")
                .endsWith("): write the file again");
        assertThat(contents.documents).hasSize(900);
    }

    @Test
    void neverLosesARowOfAFileWithBrokenBytesInSilence() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] bytes = resource("rows-snappy.parquet");
            for (int i = 0; i < 3; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            files.write("a.parquet", bytes);

            try {
                ReadFiles.Contents contents =
                        ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));
                assertThat(contents.documents.size() == 1000 || !contents.failed.isEmpty())
                        .as("seed %d: %d documents, %s", seed, contents.documents.size(), contents.failed)
                        .isTrue();
                assertThat(contents.failed)
                        .extracting(FailedDocument::reason)
                        .as("seed %d", seed)
                        .allMatch(reason -> !JAVA.matcher(reason).find());
            } catch (SpecificationException e) {
                assertThat(e).hasMessageContaining("a.parquet");
                assertThat(e.getMessage()).as("seed %d", seed).doesNotContainPattern(JAVA);
            }
        }
    }

    @Test
    void saysThatNoFileIsParquet() {
        files.write("a.parquet", "no Parquet at all");

        assertThatThrownBy(() -> files.parquet("*.parquet", "id", List.of("text"), List.of()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "none of the 1 files of spec.source.volume.path can be read as Parquet;"
                                + " a.parquet: a.parquet is not a Parquet file. Expected magic number at tail, but found [32, 97, 108, 108]");
    }

    private void copy(String resource, String path) throws IOException {
        files.write(path, resource(resource));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ParquetSourceTest.class.getResourceAsStream("/source/files/" + name)) {
            return in.readAllBytes();
        }
    }
}
