package io.embeddingoperator.runner.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.WriteStream;
import io.vertx.ext.web.codec.spi.BodyStream;
import java.io.IOException;

/** Collects the body of a reply, and gives up on one that does not end. */
final class WholeBody implements BodyStream<Buffer> {
    private final HttpClientResponse head;
    private final int longest;
    private final Promise<Buffer> whole = Promise.promise();
    private final Buffer body;

    WholeBody(HttpClientResponse head, int longest) {
        this.head = head;
        this.longest = longest;
        this.body = Buffer.buffer(announced());
    }

    /** Growing step by step would copy a large body again and again. */
    private int announced() {
        String length = head.getHeader("content-length");
        return length != null && length.matches("\\d{1,9}") ? Math.min(Integer.parseInt(length), longest) : 0;
    }

    @Override
    public Future<Void> write(Buffer part) {
        if (whole.future().isComplete()) {
            return Future.succeededFuture();
        }
        if ((long) body.length() + part.length() > longest) {
            whole.fail(new IOException("the reply is longer than %d bytes".formatted(longest)));
            return Future.failedFuture(whole.future().cause());
        }
        body.appendBuffer(part);
        return Future.succeededFuture();
    }

    /** Of a reply that broke off too, whose failure the web client tells by itself; and of one that was too long, before its end. */
    @Override
    public Future<Void> end() {
        if (!whole.tryComplete(body)) {
            head.request().reset();
        }
        return Future.succeededFuture();
    }

    @Override
    public Future<Buffer> result() {
        return whole.future();
    }

    @Override
    public void handle(Throwable failure) {
        whole.tryFail(failure);
    }

    @Override
    public boolean writeQueueFull() {
        return false;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
        return this;
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        return this;
    }
}
