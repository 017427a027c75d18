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

    WholeGzipInputStream(CountingInputStream compressed) throws IOException {
        super(compressed, BUFFER_BYTES);
        this.compressed = compressed;
        this.filled = compressed.count();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        int read = super.read(bytes, from, length);
        if (read < 0) {
            long memberEnd = filled - inf.getRemaining() + TRAILER_BYTES;
            if (compressed.read() >= 0 || compressed.count() != memberEnd) {
                throw new ZipException("what follows byte %d is not gzip".formatted(memberEnd));
            }
        }
        return read;
    }

    @Override
    protected void fill() throws IOException {
        super.fill();
        filled = compressed.count();
    }
}
