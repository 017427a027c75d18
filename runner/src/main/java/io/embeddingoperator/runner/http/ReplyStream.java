package io.embeddingoperator.runner.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.WriteStream;
import io.vertx.ext.web.codec.spi.BodyStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The body of a reply for a reader that blocks: a few buffers wait for it, and the server waits while they do. */
final class ReplyStream extends InputStream implements BodyStream<Buffer> {
    private static final int BUFFERS_AHEAD = 8;

    private final HttpClientResponse head;
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();

    /** What goes on once there is room again. */
    private Optional<Handler<Void>> drained = Optional.empty();

    private Buffer current = Buffer.buffer();
    private int position;
    private boolean ended;

    ReplyStream(HttpClientResponse head) {
        this.head = head;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (position == current.length()) {
            if (ended) {
                return -1;
            }
            next();
        }
        int taken = Math.min(length, current.length() - position);
        current.getBytes(position, position + taken, target, offset);
        position += taken;
        return taken;
    }

    private void next() throws IOException {
        switch (take()) {
            case Part.Bytes bytes -> {
                current = bytes.buffer();
                position = 0;
                goOnWhereThereIsRoom();
            }
            case Part.End _ -> ended = true;
            case Part.Failure failure -> {
                parts.add(failure);
                throw new IOException(
                        "the download broke off: " + failure.cause().getMessage(), failure.cause());
            }
        }
    }

    private Part take() throws InterruptedIOException {
        try {
            return parts.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted during a download");
        }
    }

    /** Ends the transfer, if it has not ended by itself. */
    @Override
    public void close() {
        if (!ended) {
            head.request().reset();
        }
    }

    @Override
    public Future<Void> write(Buffer part) {
        parts.add(new Part.Bytes(part));
        return Future.succeededFuture();
    }

    /** That no more comes is no end yet: of a reply that breaks off the web client says the same. */
    @Override
    public Future<Void> end() {
        return Future.succeededFuture();
    }

    /** @param failure of the whole reply */
    void end(Optional<Throwable> failure) {
        parts.add(failure.<Part>map(Part.Failure::new).orElseGet(Part.End::new));
    }

    /** The body is with its reader. */
    @Override
    public Future<Buffer> result() {
        return Future.succeededFuture(Buffer.buffer());
    }

    @Override
    public void handle(Throwable failure) {
        parts.add(new Part.Failure(failure));
    }

    @Override
    public boolean writeQueueFull() {
        return parts.size() >= BUFFERS_AHEAD;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
        synchronized (parts) {
            drained = Optional.ofNullable(handler);
        }
        // The reader may have made room since it was seen to be full.
        goOnWhereThereIsRoom();
        return this;
    }

    private void goOnWhereThereIsRoom() {
        Optional<Handler<Void>> waiting;
        synchronized (parts) {
            if (writeQueueFull()) {
                return;
            }
            waiting = drained;
            drained = Optional.empty();
        }
        waiting.ifPresent(handler -> handler.handle(null));
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        return this;
    }

    private sealed interface Part {
        record Bytes(Buffer buffer) implements Part {}

        record End() implements Part {}

        record Failure(Throwable cause) implements Part {}
    }
}
