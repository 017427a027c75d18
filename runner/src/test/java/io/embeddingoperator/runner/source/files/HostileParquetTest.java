package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.embeddingoperator.runner.document.FailedDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayWriter;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that claim more than they are: none takes memory for a claim, and each is told beside the good one. */
class HostileParquetTest {
    private static final int ONE_GIB = 1 << 30;

    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void writeTheGoodFile() throws IOException {
        files = new ReadFiles(folder);
        byte[] ids = CraftedParquet.numbers(1, 2);
        byte[] texts = CraftedParquet.texts("good one", "good two");
        files.write(
                "z-good.parquet",
                new CraftedParquet(CompressionCodec.UNCOMPRESSED, 2)
                        .plain("id", 2, ids, ids)
                        .plain("text", 2, texts, texts)
                        .file());
    }

    @Test
    void pageThatWouldFillTheMemoryIsNotDecompressed() throws IOException {
        for (CompressionCodec codec : List.of(
                CompressionCodec.ZSTD, CompressionCodec.GZIP, CompressionCodec.LZ4_RAW, CompressionCodec.SNAPPY)) {
            assertRefused(
                    text(codec, Encoding.PLAIN, ONE_GIB, 10, new byte[10]),
                    "column text has a page of 1,073,741,824 bytes");
        }
    }

    @Test
    void pageThatDeclaresLessThanItDecompressesToIsRefused() throws IOException {
        byte[] zeros = ReadFiles.gzip(new byte[64 * 1024 * 1024]);
        assertRefused(text(CompressionCodec.GZIP, Encoding.PLAIN, 100, zeros.length, zeros), "more bytes than the 100");
        // Its first bytes say that 4,294,967,295 follow.
        byte[] snappy = {-1, -1, -1, -1, 15, 0, 0, 0, 0, 0};
        assertRefused(
                text(CompressionCodec.SNAPPY, Encoding.PLAIN, 100, snappy.length, snappy),
                "a page has 4294967295 bytes instead of 100");
    }

    @Test
    void sizesThatCannotBeAreRefused() throws IOException {
        byte[] bytes = new byte[10];
        assertRefused(text(CompressionCodec.ZSTD, Encoding.PLAIN, -1, 10, bytes), "a page of 10 bytes, -1 once");
        assertRefused(text(CompressionCodec.ZSTD, Encoding.PLAIN, 10, -1, bytes), "size must not be negative");
        assertRefused(
                text(CompressionCodec.ZSTD, Encoding.PLAIN, 10, Integer.MAX_VALUE, bytes),
                "a page of 2147483647 bytes");
    }

    @Test
    void dictionaryOfMoreValuesThanBytesIsRefused() throws IOException {
        byte[] ids = CraftedParquet.numbers(7);
        byte[] file = new CraftedParquet(CompressionCodec.UNCOMPRESSED, 1)
                .plain("id", 1, ids, ids)
                .dictionary("text", Integer.MAX_VALUE, CraftedParquet.texts("one"))
                .file();
        assertRefused(file, "a dictionary of 2147483647 values");
    }

    @Test
    void deltaEncodingOfMoreValuesThanThePageHasIsRefused() throws IOException {
        // Blocks of 128 with 4 parts, then the number of values, 2,147,483,647.
        byte[] header = {(byte) 0x80, 1, 4, -1, -1, -1, -1, 7, 0};
        assertRefused(
                text(
                        CompressionCodec.UNCOMPRESSED,
                        Encoding.DELTA_LENGTH_BYTE_ARRAY,
                        header.length,
                        header.length,
                        header),
                "claims 2147483647 values");
        // One shared beginning of length 0, and behind it the same claim for the ends.
        byte[] two = ByteBuffer.allocate(5 + header.length)
                .put(new byte[] {(byte) 0x80, 1, 4, 1, 0})
                .put(header)
                .array();
        assertRefused(
                text(CompressionCodec.UNCOMPRESSED, Encoding.DELTA_BYTE_ARRAY, two.length, two.length, two),
                "claims 2147483647 values");
    }

    @Test
    void pagesThatAreTooLargeTogetherAreRefused() throws IOException {
        byte[] ids = ByteBuffer.allocate(100 * 1024 * 1024)
                .put(CraftedParquet.numbers(7))
                .array();
        byte[] idPage = ReadFiles.gzip(ids);
        byte[] file = new CraftedParquet(CompressionCodec.GZIP, 1)
                .plain("id", 1, ids, idPage)
                .page("text", 1, Encoding.PLAIN, ids.length, 10, new byte[10])
                .file();

        assertRefused(file, "which with the pages beside it are 209,715,200, and 134,217,728 are the most");
    }

    @Test
    void footerIsJudgedBeforeItBecomesObjects() throws IOException {
        byte[] content = "PAR1".getBytes(StandardCharsets.US_ASCII);
        assertRefused(
                CraftedParquet.withFooter(content, new byte[FooterSizes.MAX_BYTES + 1]),
                "its footer has 16777217 bytes");
        // The field 2, a list of structs, of which there are said to be 2,147,483,647.
        byte[] list = {0x15, 2, 0x19, (byte) 0xFC, -1, -1, -1, -1, 7, 0};
        assertRefused(CraftedParquet.withFooter(content, list), "its footer contradicts itself");
        // The field 1, text of 2,147,483,647 bytes.
        byte[] text = {0x18, -1, -1, -1, -1, 7, 0};
        assertRefused(CraftedParquet.withFooter(content, text), "its footer contradicts itself");
        byte[] nested = new byte[1_000_000];
        Arrays.fill(nested, (byte) 0x1C);
        assertRefused(CraftedParquet.withFooter(content, nested), "deeper or longer than footers are");
    }

    @Test
    void rowsBeforeADamagedPageAreRead() throws IOException {
        byte[] ids = CraftedParquet.numbers(3, 4, 5);
        byte[] texts = CraftedParquet.texts("three", "four");
        files.write(
                "a.parquet",
                new CraftedParquet(CompressionCodec.UNCOMPRESSED, 3)
                        .plain("id", 3, ids, ids)
                        .plain("text", 2, texts, texts)
                        .page("text", 1, Encoding.PLAIN, ONE_GIB, 10, new byte[10])
                        .file());

        ReadFiles.Contents contents = read();

        // The page behind a row is read with it.
        assertThat(contents.documents).hasSize(3);
        assertThat(contents.failed)
                .singleElement()
                .satisfies(failed -> assertThat(failed.location()).isEqualTo("a.parquet rows 1 to 2"));
    }

    @Test
    void aHugeValueOfADictionaryIsJudgedByItsLengthForEachRowThatUsesIt() throws IOException {
        // given
        int rows = 2_000;
        byte[] dictionary = CraftedParquet.texts("x".repeat(100 * 1024 * 1024));
        files.write("a.parquet", withDictionary(rows, dictionary, ids(rows)));
        long before = allocated();

        // when
        ReadFiles.Contents contents = read();

        // then
        assertThat(allocated() - before).isLessThan(ONE_GIB);
        assertThat(contents.documents).hasSize(2);
        assertThat(contents.failed).hasSize(rows).first().satisfies(failed -> {
            assertThat(failed.key()).contains("100");
            assertThat(failed.location()).isEqualTo("a.parquet row 0");
            assertThat(failed.reason())
                    .isEqualTo("text and metadata are 104,857,600 bytes long, and 16,777,216 are the most:"
                            + " split the document");
        });
    }

    @Test
    void aLongValueOfADictionaryIsDecodedForTheFirstRowThatUsesIt() throws IOException {
        // given
        int rows = 150;
        byte[] dictionary = CraftedParquet.texts("x".repeat(8 * 1024 * 1024) + "\0");
        files.write("a.parquet", withDictionary(rows, dictionary, ids(rows)));
        long before = allocated();

        // when
        ReadFiles.Contents contents = read();

        // then
        assertThat(allocated() - before).isLessThan(ONE_GIB);
        assertThat(contents.failed).hasSize(rows);
    }

    @Test
    void aHugeKeyIsJudgedByItsLength() throws IOException {
        // given
        int rows = 2_000;
        byte[] dictionary = CraftedParquet.texts("x".repeat(100 * 1024 * 1024));
        files.write("a.parquet", withDictionary(rows, dictionary, ids(rows)));
        Files.delete(folder.resolve("z-good.parquet"));
        long before = allocated();

        // when
        ReadFiles.Contents contents = ReadFiles.all(files.parquet("*.parquet", "text", List.of("id"), List.of()));

        // then
        assertThat(allocated() - before).isLessThan(ONE_GIB);
        assertThat(contents.documents).isEmpty();
        assertThat(contents.failed)
                .hasSize(rows)
                .first()
                .isEqualTo(new FailedDocument(
                        Optional.empty(),
                        "a.parquet row 0",
                        "column text is 104,857,600 bytes long, and 2,048 are the most of a key:"
                                + " give the document a shorter one"));
    }

    @Test
    void aHugeValueWhoseBeginningEachRowSharesIsRefused() throws IOException {
        // given
        DeltaByteArrayWriter writer = new DeltaByteArrayWriter(1 << 20, 1 << 27, new HeapByteBufferAllocator());
        byte[] value = new byte[20 * 1024 * 1024];
        writer.writeBytes(Binary.fromConstantByteArray(value));
        byte[] page = ParquetCodecs.bytes(writer.getBytes());

        // then
        assertRefused(
                text(CompressionCodec.UNCOMPRESSED, Encoding.DELTA_BYTE_ARRAY, page.length, page.length, page),
                "a page has a value of 20,971,520 bytes, and 16,777,216 are the most");
    }

    @Test
    void valuesThatShareTheirBeginningsAreRead() throws IOException {
        // given
        DeltaByteArrayWriter writer = new DeltaByteArrayWriter(1 << 10, 1 << 20, new HeapByteBufferAllocator());
        for (String text : List.of("one text", "one text more", "another")) {
            writer.writeBytes(Binary.fromString(text));
        }
        byte[] page = ParquetCodecs.bytes(writer.getBytes());
        byte[] ids = ids(3);
        files.write(
                "a.parquet",
                new CraftedParquet(CompressionCodec.UNCOMPRESSED, 3)
                        .plain("id", 3, ids, ids)
                        .page("text", 3, Encoding.DELTA_BYTE_ARRAY, page.length, page.length, page)
                        .file());

        // when
        ReadFiles.Contents contents = read();

        // then
        assertThat(contents.failed).isEmpty();
        assertThat(contents.texts()).containsSubsequence("one text", "one text more", "another");
    }

    /** All rows have the dictionary's first value. */
    private static byte[] withDictionary(int rows, byte[] dictionary, byte[] ids) throws IOException {
        // Of no bits each, in one run.
        byte[] run = {0, (byte) (rows << 1 & 0x7F | 0x80), (byte) (rows >> 6)};
        return new CraftedParquet(CompressionCodec.GZIP, rows)
                .plain("id", rows, ids, ReadFiles.gzip(ids))
                .dictionary("text", 1, dictionary, ReadFiles.gzip(dictionary))
                .page(
                        "text",
                        rows,
                        Encoding.RLE_DICTIONARY,
                        run.length,
                        ReadFiles.gzip(run).length,
                        ReadFiles.gzip(run))
                .file();
    }

    private static byte[] ids(int rows) {
        return CraftedParquet.numbers(LongStream.range(100, 100 + rows).toArray());
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static byte[] text(CompressionCodec codec, Encoding encoding, int size, int compressedSize, byte[] bytes)
            throws IOException {
        byte[] ids = CraftedParquet.numbers(7);
        byte[] page = codec == CompressionCodec.UNCOMPRESSED ? ids : ReadFiles.gzip(ids);
        CraftedParquet file = new CraftedParquet(codec, 1);
        if (codec == CompressionCodec.UNCOMPRESSED || codec == CompressionCodec.GZIP) {
            file.plain("id", 1, ids, page);
        } else if (codec == CompressionCodec.SNAPPY) {
            // A literal of eight bytes.
            file.plain("id", 1, ids, snappy(ids));
        } else {
            file.plain("id", 1, ids, lz4OrZstd(codec, ids));
        }
        return file.page("text", 1, encoding, size, compressedSize, bytes).file();
    }

    private static byte[] snappy(byte[] eight) {
        return ByteBuffer.allocate(10)
                .put((byte) 8)
                .put((byte) (7 << 2))
                .put(eight)
                .array();
    }

    private static byte[] lz4OrZstd(CompressionCodec codec, byte[] eight) {
        if (codec == CompressionCodec.LZ4_RAW) {
            return ByteBuffer.allocate(9).put((byte) (8 << 4)).put(eight).array();
        }
        // A frame of one segment, its size, and a raw block, the last one.
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0x20, 8, 8 << 3 | 1, 0, 0});
        frame.writeBytes(eight);
        return frame.toByteArray();
    }

    private void assertRefused(byte[] file, String reason) {
        files.write("a.parquet", file);

        ReadFiles.Contents contents = read();

        assertThat(contents.documents).hasSize(2);
        assertThat(contents.failed).singleElement().satisfies(failed -> {
            assertThat(failed.location()).startsWith("a.parquet");
            assertThat(failed.reason()).contains(reason);
        });
    }

    private ReadFiles.Contents read() {
        return ReadFiles.all(files.parquet("*.parquet", "id", List.of("text"), List.of()));
    }
}
