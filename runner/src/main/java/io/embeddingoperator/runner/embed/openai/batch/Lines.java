package io.embeddingoperator.runner.embed.openai.batch;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream as one stream a line, so that a line is never held as a whole and a broken one is passed over to its end. Line
 * ends are {@code \n}; a {@code \r} in front of one is white space to JSON.
 */
final class Lines {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int filled;
    private long bytes;
    private @Nullable Line current;

    Lines(InputStream in) {
        this.in = in;
    }

    /** The next line that has more than white space, its first characters included; null at the end. */
    @Nullable
    InputStream next() throws IOException {
        if (current != null) {
            current.passOver();
        }
        while (at < filled || fill()) {
            if (isWhitespace(buffer[at])) {
                at++;
            } else {
                current = new Line();
                return current;
            }
        }
        return null;
    }

    /** Bytes that came in so far. */
    long bytes() {
        return bytes;
    }

    private boolean fill() throws IOException {
        at = 0;
        filled = Math.max(0, in.read(buffer, 0, buffer.length));
        bytes += filled;
        return filled > 0;
    }

    private static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private final class Line extends InputStream {
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (ended || length == 0) {
                return ended ? -1 : 0;
            }
            if (at == filled && !fill()) {
                ended = true;
                return -1;
            }
            int most = Math.min(length, filled - at);
            int copied = 0;
            while (copied < most && buffer[at + copied] != '\n') {
                copied++;
            }
            System.arraycopy(buffer, at, target, offset, copied);
            at += copied;
            if (copied < most) {
                at++;
                ended = true;
            }
            return copied == 0 ? -1 : copied;
        }

        void passOver() throws IOException {
            byte[] ignored = new byte[8192];
            while (read(ignored, 0, ignored.length) >= 0) {
                // What is left of the line says nothing.
            }
        }
    }
}
