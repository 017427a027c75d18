package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.failure.RunnerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an object, asked for in ranges: a request that fails is repeated for its range alone, and each is read to its end, so
 * that the connection can be used again. Ranges grow, for a footer or a page of Parquet is small; once a reader goes on
 * behind the first one, the next is fetched while it works. Two arrays take turns: to make one for each range, and to have the garbage
 * collector move it, would cost as much as to read it.
 */
final class ObjectStream extends InputStream {
    static final int FIRST_BYTES = 256 * 1024;
    static final int MOST_BYTES = 4 * 1024 * 1024;

    private final Ranges ranges;
    private final ExecutorService ahead;
    private final long end;
    private long asked;
    private int size = FIRST_BYTES;
    private @Nullable Future<byte[]> next;
    private byte[] current = {};
    /** Read to its end. */
    private byte[] spare = {};

    private int at;

    /** Fetches a range of bytes whole. */
    @FunctionalInterface
    interface Ranges {
        /**
         * Fills an array.
         *
         * @throws RunnerException where the range cannot be had
         */
        void fetch(long from, byte[] into);
    }

    /** @param ahead runs what fetches ranges */
    ObjectStream(Ranges ranges, ExecutorService ahead, long from, long end) {
        this.ranges = ranges;
        this.ahead = ahead;
        this.asked = from;
        this.end = end;
    }

    /**
     * An object whose first range is under way already.
     *
     * @param length of that range
     */
    static ObjectStream begun(Ranges ranges, ExecutorService ahead, Future<byte[]> first, int length, long end) {
        ObjectStream stream = new ObjectStream(ranges, ahead, length, end);
        stream.next = first;
        return stream;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (at == current.length && !advance()) {
            return -1;
        }
        int read = Math.min(length, current.length - at);
        System.arraycopy(current, at, bytes, from, read);
        at += read;
        return read;
    }

    /** A reader that ends before the object does has no use for the range that is under way. */
    @Override
    public void close() {
        if (next != null) {
            next.cancel(true);
        }
    }

    private boolean advance() throws IOException {
        boolean isFirst = next == null && current.length == 0;
        if (next == null) {
            ask();
        }
        if (next == null) {
            return false;
        }
        spare = current;
        current = arrived(next);
        at = 0;
        next = null;
        if (!isFirst) {
            ask();
        }
        return true;
    }

    private void ask() {
        if (asked < end) {
            long from = asked;
            int length = (int) Math.min(size, end - from);
            byte[] into = spare.length == length ? spare : new byte[length];
            next = ahead.submit(() -> {
                ranges.fetch(from, into);
                return into;
            });
            asked += length;
            size = Math.min(MOST_BYTES, size * 2);
        }
    }

    private static byte[] arrived(Future<byte[]> range) throws IOException {
        try {
            return range.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the reading was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RunnerException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
