package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stored file as the Parquet library reads it. A failing store is not mistaken for a damaged file.
 *
 * @param end the byte behind the last one that is read
 */
record StoreInputFile(FileStore store, StoredFile file, long end) implements InputFile {
    static StoreInputFile whole(FileStore store, StoredFile file) {
        return new StoreInputFile(store, file, file.size());
    }

    @Override
    public long getLength() {
        return end;
    }

    @Override
    public SeekableInputStream newStream() {
        Reopened stream = new Reopened();
        return new DelegatingSeekableInputStream(stream) {
            @Override
            public long getPos() {
                return stream.position;
            }

            @Override
            public void seek(long position) throws IOException {
                stream.seek(position);
            }
        };
    }

    /** The bytes from an offset on, whose failures are those of the store. */
    SeekableInputStream streamFrom(long offset) throws IOException {
        SeekableInputStream stream = newStream();
        stream.seek(offset);
        return stream;
    }

    /** How the library names the file in its messages. */
    @Override
    public String toString() {
        return file.path();
    }

    /** Opens the file again wherever it is sought; the library seeks once for many megabytes. */
    private final class Reopened extends InputStream {
        private @Nullable InputStream open;

        private long position;

        void seek(long target) throws IOException {
            if (target < 0 || target > end) {
                throw new EOFException("byte %d of %s, which has %d".formatted(target, file.path(), end));
            }
            if (target != position) {
                close();
                position = target;
            }
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            try {
                if (open == null) {
                    open = store.open(file, position, end);
                }
                int read = open.read(bytes, from, length);
                position += Math.max(read, 0);
                return read;
            } catch (IOException e) {
                throw new UnavailableException(
                        "%s cannot be read for now: %s".formatted(file.path(), e.getMessage()), e);
            }
        }

        @Override
        public void close() throws IOException {
            if (open != null) {
                open.close();
                open = null;
            }
        }
    }
}
