package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Decompresses all members of a gzip file. The class of the Java platform takes everything that it cannot read behind a
 * member for the end, so the damaged header of a second member would lose the rest of the file in silence; here it is
 * an error.
 */
final class WholeGzipInputStream extends GZIPInputStream {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int TRAILER_BYTES = 8;

    private final CountingInputStream compressed;
    private long filled;
    private boolean reads;

    WholeGzipInputStream(CountingInputStream compressed) throws IOException {
        super(compressed, BUFFER_BYTES);
        this.compressed = compressed;
        this.filled = compressed.count();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (reads) {
            return 0;
        }
        int read = readOn(bytes, from, length);
        if (read < 0) {
            long memberEnd = filled - inf.getRemaining() + TRAILER_BYTES;
            if (compressed.read() >= 0 || compressed.count() != memberEnd) {
                throw new ZipException("what follows byte %d is not gzip".formatted(memberEnd));
            }
        }
        return read;
    }

    /** The class calls itself for each further member, and a file of empty ones would fill the stack: here it is a loop. */
    private int readOn(byte[] bytes, int from, int length) throws IOException {
        int read;
        do {
            reads = true;
            try {
                read = super.read(bytes, from, length);
            } finally {
                reads = false;
            }
        } while (read == 0 && length > 0);
        return read;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        filled = compressed.count();
    }
}
