package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WorkUnit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NdjsonSourceTest {
    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void openFolder() {
        files = new ReadFiles(folder);
    }

    @Test
    void readsKeyTextMetadataAndLocation() {
        files.write("in/a.ndjson", """
                {"id": "a", "title": "One", "text": "first", "lang": "en", "n": 1.50, "tags": [1, "x"], "ok": true}
                {"extra": {"id": "no"}, "text": "second", "id": 17, "title": null}
                """);

        Source source = files.ndjson("in/*.ndjson", List.of("title", "text"), List.of("lang", "n", "tags", "ok"));

        assertThat(source.schema())
                .isEqualTo(new SourceSchema(
                        "in/*.ndjson",
                        "id",
                        KeyType.TEXT,
                        List.of(
                                new MetadataColumn("lang", ColumnType.TEXT),
                                new MetadataColumn("n", ColumnType.TEXT),
                                new MetadataColumn("tags", ColumnType.TEXT),
                                new MetadataColumn("ok", ColumnType.TEXT)),
                        KeyOrder.BY_POSITION,
                        WorkUnit.BYTES));
        assertThat(ReadFiles.all(source).documents)
                .containsExactly(
                        new Document(
                                new Key.Text("a"),
                                "One\nfirst",
                                List.of("en", "1.50", "[1, \"x\"]", "true"),
                                "in/a.ndjson at byte 0"),
                        new Document(
                                new Key.Text("17"),
                                "second",
                                Arrays.asList(null, null, null, null),
                                "in/a.ndjson at byte 100"));
    }

    @Test
    void acceptsByteOrderMarkCarriageReturnsBlankLinesAndAMissingLastLineFeed() {
        files.write("a.ndjson", "\uFEFF{\"id\":\"a\",\"text\":\"x\"}\r\n\r\n  \t\n{\"id\":\"b\",\"text\":\"y\"}");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("a.ndjson"));

        assertThat(contents.keys()).containsExactly("a", "b");
        assertThat(contents.failed).isEmpty();
    }

    @Test
    void acceptsAByteOrderMarkWhereJoinedFilesBegan() {
        // given what cat makes of two files that begin with one each
        files.write("a.ndjson", "\uFEFF{\"id\":\"a\",\"text\":\"x\"}\n\uFEFF{\"id\":\"b\",\"text\":\"y\"}\n\uFEFF\n");

        // when
        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("a.ndjson"));

        // then
        assertThat(contents.keys()).containsExactly("a", "b");
        assertThat(contents.failed).isEmpty();
    }

    @Test
    void readsAGzipFileOfAnyNumberOfEmptyMembers() {
        byte[] empty = ReadFiles.gzip("");
        byte[] members = new byte[100_000 * empty.length];
        for (int at = 0; at < members.length; at += empty.length) {
            System.arraycopy(empty, 0, members, at, empty.length);
        }
        files.write("a.ndjson.gz", joined(members, ReadFiles.gzip("{\"id\":\"a\",\"text\":\"x\"}\n")));

        assertThat(ReadFiles.all(files.ndjson("*.gz")).keys()).containsExactly("a");
    }

    @Test
    void joinsTheMembersOfGzipFiles() {
        byte[] first = ReadFiles.gzip("\uFEFF{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",");
        byte[] second = ReadFiles.gzip("\"text\":\"y\"}\n");
        files.write("a.ndjson.gz", joined(first, second));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.gz"));

        assertThat(contents.keys()).containsExactly("a", "b");
        assertThat(contents.documents.get(1).location()).isEqualTo("a.ndjson.gz at decompressed byte 25");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":\"x\"} | | field id is missing or null: every document needs a key",
                "{\"id\":null,\"text\":\"x\"} | | field id is missing or null: every document needs a key",
                "{\"id\":\"\",\"text\":\"x\"} | | field id is empty: every document needs a key",
                "{\"id\":1.5,\"text\":\"x\"} | | field id is a number with a fraction or an exponent: a key is a string or a whole number",
                "{\"id\":[1],\"text\":\"x\"} | | field id is an array: a key is a string or a whole number",
                "{\"id\":true,\"text\":\"x\"} | | field id is a boolean: a key is a string or a whole number",
                "{\"id\":\"k\\u0000\",\"text\":\"x\"} | | field id has a NUL at character 1, which PostgreSQL cannot store: remove it",
                "{\"id\":\"k\"} | k | there is no text to embed: field text is missing, null or empty",
                "{\"id\":\"k\",\"text\":null} | k | there is no text to embed: field text is missing, null or empty",
                "{\"id\":\"k\",\"text\":\"\"} | k | there is no text to embed: field text is missing, null or empty",
                "{\"id\":\"k\",\"text\":\" \\n\"} | k | there is no text to embed: field text is missing, null or empty",
                "{\"id\":\"k\",\"text\":{\"a\":1}} | k | field text is an object: a text field is a string, a number or a boolean",
                "{\"id\":\"k\",\"text\":\"ab\\u0000\"} | k | field text has a NUL at character 2, which PostgreSQL cannot store: remove it",
                "{\"id\":\"k\",\"text\":\"ab\\ud800c\"} | k | field text has half of a surrogate pair at character 2, which is no Unicode text: correct it",
                "{\"id\":\"k\",\"text\":\"x\",\"text\":\"y\"} | | field text stands twice in the object: keep one",
                "{\"id\":\"k\",\"text\":\"x\"} {} | | something follows the JSON object: write one object a line",
                "[1] | | the line is no JSON object: write one object a line",
                "{\"id\":\"k\",\"text\":x} | | not valid JSON at character 17 of the line: Unrecognized token",
            })
    void namesWhatIsWrongWithOneLineAndReadsTheOthers(String line, String key, String reason) {
        files.write("a.ndjson", "{\"id\":\"1\",\"text\":\"x\"}\n" + line + "\n{\"id\":\"2\",\"text\":\"x\"}\n");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("1", "2");
        assertThat(contents.failed)
                .containsExactly(
                        reason.startsWith("there is no text to embed")
                                ? FailedDocument.empty(key, "a.ndjson at byte 22", reason)
                                : new FailedDocument(Optional.ofNullable(key), "a.ndjson at byte 22", reason));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[ | 1001 | the line nests deeper than 1,000 levels: write it flatter",
                "1 | 1001 | the line has a number of more than 1,000 characters: write it as a string",
            })
    void namesTheLimitThatALineIsBeyond(String part, int times, String reason) {
        // given
        files.write("a.ndjson", "{\"id\":\"1\",\"other\":" + part.repeat(times) + "}\n{\"id\":\"2\",\"text\":\"x\"}\n");

        // when
        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        // then
        assertThat(contents.keys()).containsExactly("2");
        assertThat(contents.failed)
                .singleElement()
                .satisfies(failed -> assertThat(failed.reason()).startsWith(reason));
    }

    @Test
    void namesTheLimitOfAFieldsName() {
        // given
        files.write("a.ndjson", "{\"id\":\"1\",\"" + "n".repeat(50_001) + "\":1}\n");

        // when
        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        // then
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.empty(),
                        "a.ndjson at byte 0",
                        "the line has a field name longer than 50,000 characters: shorten it"));
    }

    @Test
    void aWindowEndsWhereItsKeysFillIt() {
        // given
        String key = "k".repeat(1024 * 1024);
        files.write("a.ndjson", ("{\"id\":\"" + key + "\",\"text\":\"\"}\n").repeat(10));
        Source source = files.ndjson("*.ndjson");

        // when
        List<SourceWindow> windows = ReadFiles.windows(source, source.plan(1).getFirst(), Optional.empty());

        // then
        assertThat(windows).extracting(window -> window.failed().size()).containsExactly(4, 4, 2);
    }

    @Test
    void takesNumbersAndBooleansAsText() {
        files.write("a.ndjson", "{\"id\":-0,\"text\":12.50}\n{\"id\":12345678901234567890,\"text\":false}\n");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("0", "12345678901234567890");
        assertThat(contents.texts()).containsExactly("12.50", "false");
    }

    @Test
    void namesTheByteOfInvalidUtf8AndReadsTheOtherLines() {
        byte[] broken = "{\"id\":\"b\",\"text\":\"?\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        broken[18] = (byte) 0xE4;
        files.write(
                "a.ndjson",
                joined(
                        "{\"id\":\"a\",\"text\":\"ä\"}\n".getBytes(StandardCharsets.UTF_8),
                        broken,
                        "{\"id\":\"c\",\"text\":\"ö\"}\n".getBytes(StandardCharsets.UTF_8)));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.texts()).containsExactly("ä", "ö");
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.empty(),
                        "a.ndjson at byte 23",
                        "not valid UTF-8 at byte 18 of the line: write the file as UTF-8"));
    }

    @Test
    void refusesTheSecondDocumentOfAKeyAndSaysWhereTheFirstStands() {
        files.write("a.ndjson", "{\"id\":\"a\",\"text\":\"x\"}\n");
        files.write("b.ndjson", "{\"id\":\"a\",\"text\":\"y\"}\n");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.texts()).containsExactly("x");
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.of("a"),
                        "b.ndjson at byte 0",
                        "its key stands at a.ndjson at byte 0 already: give every document a key of its own"));
    }

    @Test
    void refusesATextBeyondTheLimitWithItsKey() {
        files.write(
                "a.ndjson",
                "{\"id\":\"big\",\"text\":\"%s\"}\n{\"id\":\"b\",\"text\":\"y\"}\n"
                        .formatted("x".repeat(Limits.MAX_DOCUMENT_BYTES + 1)));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("b");
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.of("big"),
                        "a.ndjson at byte 0",
                        "the text has 16777217 bytes and a document may have 16777216: split it"));
    }

    @Test
    void passesOverALineBeyondTheLimitAndFindsItsKey() {
        files.write(
                "a.ndjson",
                "{\"id\":\"a\",\"text\":\"x\"}\n{\"n\":[1],\"id\":\"big\",\"text\":\"%s\"}\n{\"id\":\"c\",\"text\":\"z\"}\n"
                        .formatted("y".repeat(NdjsonFormat.MAX_LINE_BYTES)));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("a", "c");
        assertThat(contents.failed)
                .containsExactly(new FailedDocument(
                        Optional.of("big"),
                        "a.ndjson at byte 22",
                        "the line has more than 50331648 bytes: split the document"));
    }

    @Test
    void keepsWhatStandsBeforeTheDamageOfATruncatedGzipFileAndReadsTheNextFile() {
        StringBuilder lines = new StringBuilder();
        java.util.Random random = new java.util.Random(1);
        for (int i = 0; i < 1000; i++) {
            lines.append("{\"id\":\"%d\",\"text\":\"%x\"}\n".formatted(i, random.nextLong()));
        }
        byte[] whole = ReadFiles.gzip(lines.toString());
        files.write("a.ndjson.gz", Arrays.copyOf(whole, whole.length / 2));
        files.write("b.ndjson.gz", ReadFiles.gzip("{\"id\":\"last\",\"text\":\"y\"}\n"));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.gz"));

        assertThat(contents.documents).hasSizeBetween(400, 600);
        assertThat(contents.keys()).startsWith("0", "1", "2").endsWith("last");
        assertThat(contents.failed).hasSize(1);
        FailedDocument failed = contents.failed.get(0);
        assertThat(failed.key()).isEmpty();
        assertThat(failed.kind()).isEqualTo(FailedDocument.Kind.DAMAGE);
        assertThat(failed.location()).isEqualTo("a.ndjson.gz");
        int read = lines.indexOf("{\"id\":\"%d\"".formatted(contents.documents.size() - 1));
        assertThat(failed.reason())
                .isEqualTo(("the file ends in the middle of its gzip data behind decompressed byte %d:"
                                + " what stands before it is read, write the file again for the rest")
                        .formatted(read));
    }

    @Test
    void doesNotTakeTheDamagedHeaderOfASecondMemberForTheEnd() {
        byte[] second = ReadFiles.gzip("{\"id\":\"b\",\"text\":\"y\"}\n");
        second[0] = 0;
        byte[] first = ReadFiles.gzip("{\"id\":\"a\",\"text\":\"x\"}\n");
        files.write("a.ndjson.gz", joined(first, second));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.gz"));

        assertThat(contents.keys()).containsExactly("a");
        assertThat(contents.failed)
                .containsExactly(FailedDocument.damage(
                        "a.ndjson.gz",
                        ("the gzip data is damaged (what follows byte %d is not gzip) behind decompressed byte 22:"
                                        + " what stands before it is read, write the file again for the rest")
                                .formatted(first.length)));
    }

    @Test
    void saysThatAFileNamedGzIsNotGzip() {
        files.write("a.ndjson.gz", "{\"id\":\"a\",\"text\":\"x\"}\n");

        assertThat(ReadFiles.all(files.ndjson("*.gz")).failed)
                .containsExactly(FailedDocument.damage(
                        "a.ndjson.gz",
                        "the gzip data is damaged (Not in GZIP format) behind decompressed byte 0:"
                                + " what stands before it is read, write the file again for the rest"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"id\":\"b\",\"text\":\"ab", "{\"id\":\"b\",", "{", "{\"id\":\"b\",\"text\":\"\u00e4"})
    void fileThatEndsInTheMiddleOfADocumentIsDamagedAndNotOneBadDocument(String beginning) {
        byte[] cut = ("{\"id\":\"a\",\"text\":\"x\"}\n" + beginning).getBytes(StandardCharsets.UTF_8);
        boolean inCharacter = cut[cut.length - 1] < 0;
        files.write("a.ndjson", Arrays.copyOf(cut, cut.length - (inCharacter ? 1 : 0)));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("a");
        assertThat(contents.failed)
                .containsExactly(FailedDocument.damage(
                        "a.ndjson at byte 22",
                        "the file ends in the middle of a document: write it again for this one and the rest"));
    }

    @Test
    void beginningOfADocumentOnALineOfItsOwnIsOneBadDocument() {
        files.write("a.ndjson", "{\"id\":\"a\",\"text\n{\"id\":\"b\",\"text\":\"x\"}");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ndjson"));

        assertThat(contents.keys()).containsExactly("b");
        assertThat(contents.failed).singleElement().returns(FailedDocument.Kind.FAULT, FailedDocument::kind);
    }

    @Test
    void lastObjectThatIsMistypedIsOneBadDocument() {
        files.write("a.ndjson", "{\"id\":\"b\",\"text\":\"x\"]");

        assertThat(ReadFiles.all(files.ndjson("*.ndjson")).failed)
                .singleElement()
                .returns(FailedDocument.Kind.FAULT, FailedDocument::kind);
    }

    @Test
    void namesInCapitalsAreCompressedAsWell() {
        files.write("A.NDJSON.GZ", ReadFiles.gzip("{\"id\":\"a\",\"text\":\"x\"}\n"));

        assertThat(ReadFiles.all(files.ndjson("*.GZ")).keys()).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[{\"\"id\"\":1}] | one JSON array | write one object a line, for example with jq -c '.[]'",
                "\" \n [\n{\" | one JSON array | write one object a line, for example with jq -c '.[]'",
                "PAR1 | a Parquet file | use the format Parquet",
                "\"PK\u0003\u0004\" | a zip archive | unpack it",
                "BZh91AY | compressed with bzip2 | compress it with gzip or zstd, or not at all"
            })
    void fileThatHasNoLinesIsToldForWhatItIs(String content, String description, String remedy) {
        files.write("a.ndjson", content);

        Source source = files.ndjson("*.ndjson");
        assertThatThrownBy(() -> source.plan(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "a.ndjson is " + description + ", and the format NDJSON is one JSON object a line, plain or in"
                                + " files whose names end in .gz or .zst: " + remedy);
    }

    @Test
    void compressedFileWithoutItsNameIsToldBeforeAnythingIsRead() {
        files.write("a.ndjson", ReadFiles.gzip("{\"id\":\"a\",\"text\":\"x\"}\n"));
        files.write("b.jsonl", ReadFiles.zstd("{\"id\":\"a\",\"text\":\"x\"}\n"));

        Source gzip = files.ndjson("*.ndjson");
        assertThatThrownBy(() -> gzip.plan(3))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("a.ndjson is compressed with gzip")
                .hasMessageEndingWith("give it a name that ends in .gz");
        Source zstd = files.ndjson("*.jsonl");
        assertThatThrownBy(() -> zstd.plan(3))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("b.jsonl is compressed with zstd")
                .hasMessageEndingWith("give it a name that ends in .zst");
    }

    @Test
    void joinsTheFramesOfZstdFiles() {
        byte[] first = ReadFiles.zstd("\uFEFF{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",");
        files.write("A.NDJSON.ZST", joined(first, ReadFiles.zstd(""), ReadFiles.zstd("\"text\":\"y\"}\n")));

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.ZST"));

        assertThat(contents.keys()).containsExactly("a", "b");
        assertThat(contents.documents.get(1).location()).isEqualTo("A.NDJSON.ZST at decompressed byte 25");
    }

    @Test
    void aZstdFileThatIsCutOrBrokenOrEmptyIsDamage() {
        byte[] whole = ReadFiles.zstd("{\"id\":\"b\",\"text\":\"y\"}\n");
        byte[] sound = ReadFiles.zstd("{\"id\":\"a\",\"text\":\"x\"}\n");
        files.write("cut.zst", joined(sound, Arrays.copyOf(whole, whole.length - 1)));
        files.write("empty.zst", "");
        byte[] other = ReadFiles.zstd("{\"id\":\"c\",\"text\":\"x\"}\n");
        files.write("garbage.zst", joined(other, "garbage".getBytes(StandardCharsets.UTF_8)));
        files.write("plain.zst", "{\"id\":\"a\",\"text\":\"x\"}\n");

        ReadFiles.Contents contents = ReadFiles.all(files.ndjson("*.zst"));

        assertThat(contents.failed)
                .allSatisfy(failed -> assertThat(failed.kind()).isEqualTo(FailedDocument.Kind.DAMAGE))
                .extracting(FailedDocument::location)
                .containsExactly("cut.zst", "empty.zst", "garbage.zst", "plain.zst");
        assertThat(contents.failed.get(0).reason())
                .startsWith("the file ends in the middle of its zstd data behind decompressed byte 22");
        assertThat(contents.failed.get(1).reason()).startsWith("the file ends in the middle of its zstd data");
        assertThat(contents.failed.get(2).reason())
                .startsWith("the zstd data is damaged (Unknown frame descriptor) behind decompressed byte 22");
        assertThat(contents.keys()).containsExactly("a", "c");
    }

    @Test
    void aZstdFileThatNeedsMuchMemoryIsRefused() throws IOException {
        // given
        byte[] content = new byte[16 * 1024 * 1024];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(bytes).setLong(24)) {
            zstd.write(content);
        }
        files.write("long.zst", bytes.toByteArray());

        // when, then
        Source source = files.ndjson("*.zst");
        assertThatThrownBy(() -> ReadFiles.all(source))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "long.zst is compressed with zstd in long mode, which takes more memory to read than its 8 MiB:"
                                + " compress it with a level up to 19, without --long and --ultra");
    }

    @Test
    void aZstdFileThatNeedsADictionaryIsRefused() {
        // given
        String line = "{\"id\":\"a\",\"text\":\"x\"}\n";
        byte[][] samples = new byte[2_000][];
        for (int i = 0; i < samples.length; i++) {
            samples[i] =
                    "{\"id\":\"%d\",\"text\":\"%x\"}".formatted(i, i * 7919L).getBytes(StandardCharsets.UTF_8);
        }
        byte[] dictionary = new byte[4_096];
        byte[] trained = Arrays.copyOf(dictionary, (int) Zstd.trainFromBuffer(samples, dictionary));
        files.write("a.zst", Zstd.compressUsingDict(line.getBytes(StandardCharsets.UTF_8), trained, 3));

        // when, then
        Source source = files.ndjson("*.zst");
        assertThatThrownBy(() -> ReadFiles.all(source))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "a.zst is compressed with zstd and a dictionary, which is not at hand: compress it without one");
    }

    private static byte[] joined(byte[]... parts) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
