package io.embeddingoperator.runner.source.files;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines without copying them: {@link #next} moves to a line, which then stands in
 * {@link #bytes} until the next call. A line that is longer than the limit is passed over and never held whole.
 */
final class LineReader implements Closeable {
    private static final int BUFFER_BYTES = 256 * 1024;

    /** A buffer that has grown beyond this for one line is given back after it. */
    private static final int MAX_KEPT_BYTES = 4 * 1024 * 1024;

    private final InputStream in;
    private final int maxLineBytes;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;
    private boolean ended;

    private long lineOffset;
    private long nextOffset;
    private int lineStart;
    private int lineLength;
    private boolean tooLong;
    private boolean endsWithoutFeed;

    /**
     * @param in the stream, at the given offset
     * @param offset of the stream's first byte in the file
     * @param maxLineBytes the longest line that is held
     */
    LineReader(InputStream in, long offset, int maxLineBytes) {
        this.in = in;
        this.nextOffset = offset;
        this.maxLineBytes = maxLineBytes;
    }

    /** Moves to the next line; false at the end of the stream. A last line needs no line feed. */
    boolean next() throws IOException {
        lineOffset = nextOffset;
        tooLong = false;
        endsWithoutFeed = false;
        int scanned = 0;
        while (true) {
            int feed = indexOfLineFeed(start + scanned);
            if (feed >= 0) {
                take(feed - start, 1);
                tooLong = lineLength > maxLineBytes;
                return true;
            }
            scanned = end - start;
            if (scanned > maxLineBytes) {
                passOver();
                return true;
            }
            if (!fill()) {
                if (scanned == 0) {
                    return false;
                }
                take(scanned, 0);
                endsWithoutFeed = true;
                return true;
            }
        }
    }

    /** Moves behind the next line feed without looking at what stands before it. */
    void skipLine() throws IOException {
        while (true) {
            int feed = indexOfLineFeed(start);
            if (feed >= 0) {
                nextOffset += feed + 1 - start;
                start = feed + 1;
                return;
            }
            nextOffset += end - start;
            start = end;
            if (!fill()) {
                return;
            }
        }
    }

    /** Holds the line from {@link #lineStart}, {@link #lineLength} bytes long; of a line too long, its beginning. */
    byte[] bytes() {
        return buffer;
    }

    int lineStart() {
        return lineStart;
    }

    /** Without the line feed. */
    int lineLength() {
        return lineLength;
    }

    /** Where the line starts in the file. */
    long lineOffset() {
        return lineOffset;
    }

    /** Where the next line starts in the file. */
    long nextOffset() {
        return nextOffset;
    }

    boolean tooLong() {
        return tooLong;
    }

    /** Whether the stream ended before the line did: it may be the beginning of one. */
    boolean endsWithoutFeed() {
        return endsWithoutFeed;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void take(int length, int feed) {
        lineStart = start;
        lineLength = length;
        start += length + feed;
        nextOffset += length + feed;
    }

    /** Keeps the beginning of the line, so that its key may be found in it, and reads on behind it. */
    private void passOver() throws IOException {
        byte[] beginning = Arrays.copyOfRange(buffer, start, Math.min(end, start + BUFFER_BYTES));
        buffer = new byte[BUFFER_BYTES];
        nextOffset += end - start;
        start = 0;
        end = 0;
        skipLine();
        byte[] joined = Arrays.copyOf(beginning, Math.max(BUFFER_BYTES, beginning.length + end - start));
        System.arraycopy(buffer, start, joined, beginning.length, end - start);
        lineStart = 0;
        lineLength = beginning.length;
        end = beginning.length + end - start;
        start = beginning.length;
        buffer = joined;
        tooLong = true;
    }

    private int indexOfLineFeed(int from) {
        byte[] bytes = buffer;
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (start > 0) {
            boolean isGrown = buffer.length > MAX_KEPT_BYTES && end - start < BUFFER_BYTES;
            byte[] target = isGrown ? new byte[2 * BUFFER_BYTES] : buffer;
            System.arraycopy(buffer, start, target, 0, end - start);
            buffer = target;
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = in.read(buffer, end, buffer.length - end);
        ended = read < 0;
        end += Math.max(read, 0);
        return !ended;
    }
}
