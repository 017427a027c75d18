package io.embeddingoperator.runner.embed.openai.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The body of a response for a reader that blocks: a few buffers are asked for at a time, and another for each that was read. */
final class BodyStream extends InputStream {
    private static final int BUFFERS_AHEAD = 8;

    private final HttpClientResponse response;
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private Buffer current = Buffer.buffer();
    private int position;
    private boolean ended;

    /** To be called before the response begins to flow. */
    BodyStream(HttpClientResponse response) {
        this.response = response;
        response.pause();
        response.exceptionHandler(failure -> parts.add(new Part.Failure(failure)));
        response.endHandler(_ -> parts.add(new Part.End()));
        response.handler(buffer -> parts.add(new Part.Bytes(buffer)));
        response.fetch(BUFFERS_AHEAD);
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
                response.fetch(1);
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
            response.request().reset();
        }
    }

    private sealed interface Part {
        record Bytes(Buffer buffer) implements Part {}

        record End() implements Part {}

        record Failure(Throwable cause) implements Part {}
    }
}
