package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompressedNdjsonReaderTest {
    private static final DocumentFields FIELDS =
            new DocumentFields("spec.source.volume", "id", List.of("text"), List.of());

    private static final int READERS = 60;

    @Test
    void whatAReaderHoldsOutsideOfTheHeapIsGivenBackAlsoWhereTheContentEndsBeforeItsOffset() throws IOException {
        // given a file that takes all that a reader may hold, and is shorter than it was
        byte[] file = zstd(new byte[Limits.MAX_DECOMPRESSION_BYTES + 1]);
        readBeyond(file);
        long before = residentBytes();

        // when
        for (int reader = 0; reader < READERS; reader++) {
            readBeyond(file);
        }

        // then
        assertThat(residentBytes() - before).isLessThan(READERS * (long) Limits.MAX_DECOMPRESSION_BYTES / 2);
    }

    private static void readBeyond(byte[] file) throws IOException {
        Piece piece = Piece.whole(new StoredFile("a.ndjson.zst", file.length, "1"));
        JsonRecords records = new JsonRecords(FIELDS, PartitionFolders.of(piece.path(), FIELDS));
        try (CompressedNdjsonReader reader = new CompressedNdjsonReader(
                new ByteArrayInputStream(file), Compression.ZSTD, piece, Long.MAX_VALUE, records)) {
            assertThat(reader.next()).containsInstanceOf(FileRecord.Damaged.class);
        }
    }

    /** A stream does not tell its size, so that a reader must be ready for a whole window. */
    private static byte[] zstd(byte[] content) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (ZstdOutputStream out = new ZstdOutputStream(compressed, 19)) {
            out.write(content);
        }
        return compressed.toByteArray();
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
