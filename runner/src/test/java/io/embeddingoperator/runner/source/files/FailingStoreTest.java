package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FailingStoreTest {
    private static final DocumentFields FIELDS =
            new DocumentFields("spec.source.volume", "id", List.of("text"), List.of());

    @Test
    void isNotTakenForADamagedFile() {
        byte[] content = "{\"id\":1,\"text\":\"x\"}\n".getBytes(StandardCharsets.UTF_8);

        assertUnavailable(new HalfReadable("a.ndjson", content));
        assertUnavailable(new HalfReadable("a.ndjson.gz", ReadFiles.gzip(content)));
        assertUnavailable(new HalfReadable("a.ndjson.zst", ReadFiles.zstd(content)));
        assertThatThrownBy(() -> ParquetFormat.of(new HalfReadable("a.parquet", new byte[10]), FIELDS))
                .isInstanceOf(UnavailableException.class)
                .hasMessage("a.parquet cannot be read for now: the disk is gone");
    }

    private static void assertUnavailable(HalfReadable store) {
        List<Piece> pieces = List.of(Piece.whole(store.file()));
        FileFormat format = new NdjsonFormat(store, FIELDS);
        assertThatThrownBy(() -> new FilesWindowReader(store, format, pieces, Optional.empty(), 1_024, false).next())
                .isInstanceOf(UnavailableException.class)
                .hasMessage("%s cannot be read for now: the disk is gone", store.path());
    }

    /** A store with one file of 100 bytes, of which only the first ones can be read. */
    private record HalfReadable(String path, byte[] readable) implements FileStore {
        @Override
        public Stream<StoredFile> list() {
            return Stream.of(file());
        }

        @Override
        public void refuseChanged(StoredFile listed) {}

        @Override
        public InputStream open(StoredFile file, long from, long to) {
            return new SequenceInputStream(new ByteArrayInputStream(readable, (int) from, readable.length), new Gone());
        }

        StoredFile file() {
            return new StoredFile(path, 100, "1");
        }
    }

    private static final class Gone extends InputStream {
        @Override
        public int read() throws IOException {
            throw new IOException("the disk is gone");
        }
    }
}
