package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** A stored file as the Parquet library reads it. A failing store is not mistaken for a damaged file. */
record StoreInputFile(FileStore store, String path, long size) implements InputFile {
    @Override
    public long getLength() {
        return size;
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
        return path;
    }

    /** Opens the file again wherever it is sought; the library seeks once for many megabytes. */
    private final class Reopened extends InputStream {
        private InputStream open;
        private long position;

        void seek(long target) throws IOException {
            if (target < 0 || target > size) {
                throw new EOFException("byte %d of %s, which has %d".formatted(target, path, size));
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
                    open = store.open(path, position);
                }
                int read = open.read(bytes, from, length);
                position += Math.max(read, 0);
                return read;
            } catch (IOException e) {
                throw new UnavailableException("%s cannot be read for now: %s".formatted(path, e.getMessage()), e);
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
