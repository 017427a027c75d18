package io.embeddingoperator.runner.source.files;

import com.github.luben.zstd.ZstdBufferDecompressingStreamNoFinalizer;
import io.embeddingoperator.runner.document.Limits;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * Decompresses all frames of a zstd file. The library's own stream takes the end of a file for the end of its content where the last
 * frame is cut and the one before it ended in the same buffer, and would lose the rest in silence; here it is an error.
 */
final class ZstdInputStream extends InputStream {
    private static final int BUFFER_BYTES = 128 * 1024;

    /** Of the greatest window, whose size is a power of two. */
    private static final int WINDOW_BITS = Integer.numberOfTrailingZeros(Limits.MAX_DECOMPRESSION_BYTES);

    private final Frames frames;

    ZstdInputStream(InputStream compressed) throws IOException {
        this.frames = new Frames(compressed);
        frames.setLongMax(WINDOW_BITS);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        try {
            ByteBuffer content = ByteBuffer.wrap(bytes, from, length);
            while (frames.hasRemaining()) {
                boolean ended = frames.ended;
                int read = frames.read(content);
                if (read > 0) {
                    return read;
                }
                if (ended) {
                    throw new EOFException("a frame is cut");
                }
            }
            return -1;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() {
        frames.close();
    }

    private static final class Frames extends ZstdBufferDecompressingStreamNoFinalizer {
        private final InputStream compressed;
        private boolean ended;

        Frames(InputStream compressed) {
            super(ByteBuffer.allocate(BUFFER_BYTES).limit(0));
            this.compressed = compressed;
        }

        // The buffer is the one that the constructor allocates.
        @SuppressWarnings("ByteBufferBackingArray")
        @Override
        protected ByteBuffer refill(ByteBuffer buffer) {
            try {
                int read = compressed.read(buffer.array());
                ended = read < 0;
                return buffer.clear().limit(Math.max(0, read));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
