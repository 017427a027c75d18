package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
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
