package io.embeddingoperator.openai.simulator.http;

import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Planned;
import io.netty.channel.ChannelOption;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

/** Sends replies, with what happens to them on their way. Blocks until the client has taken them. */
final class Transport {
    private static final int PIECE = 64 * 1024;
    private static final long NO_ERROR = 0;

    private Transport() {}

    /** @return whether the client was sent all of it, as it should be */
    static boolean send(HttpServerRequest request, Reply planned, Planned faults) {
        faults.of(Fault.SlowHeaders.class).forEach(slow -> pause(slow.milliseconds()));
        Reply reply = changed(planned, faults);
        Optional<Fault.Cut> cut = faults.of(Fault.Cut.class).stream().findFirst();
        long length = reply.body().length();
        long sent = cut.map(how -> Math.min(length, (long) (length * how.fraction())))
                .orElse(length);
        long promised =
                cut.filter(how -> how.ending() != Fault.Cut.Ending.CLEAN).isPresent() ? length : sent;

        HttpServerResponse response = request.response();
        response.setStatusCode(reply.status());
        reply.headers().forEach(response::putHeader);
        response.putHeader("content-length", Long.toString(promised));
        Optional<Fault.SlowDrip> drip = faults.of(Fault.SlowDrip.class).stream().findFirst();
        try (Pieces out = new Pieces(response, sent, drip)) {
            reply.body().writer().writeTo(out);
        } catch (Enough _) {
            // What follows does not arrive.
        } catch (IOException | UncheckedIOException e) {
            request.connection().close();
            return false;
        }
        if (promised == sent) {
            // A client may leave as soon as it has the last byte: whether this is taken too says nothing any more.
            response.end();
            return cut.isEmpty();
        }
        switch (cut.orElseThrow().ending()) {
            case RESET -> reset(request);
            case CLOSED, CLEAN -> close(request);
        }
        return false;
    }

    private static Reply changed(Reply planned, Planned faults) {
        Reply reply = faults.of(Fault.WithoutLimitHeaders.class).isEmpty() ? planned : planned.without("x-ratelimit");
        for (Fault.OtherHeaders other : faults.of(Fault.OtherHeaders.class)) {
            reply = reply.with(other.headers());
        }
        return faults.of(Fault.Compressed.class).isEmpty() ? reply : reply.compressed();
    }

    /**
     * A client may believe that its request was never begun: the streams that were come before it. Left to itself, Vert.x would name
     * the last stream that it has seen.
     */
    @SuppressWarnings("deprecation")
    static void goAway(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.connection().goAway(NO_ERROR, Math.toIntExact(request.streamId() - 2));
        }
        request.connection().close();
    }

    /** Over HTTP/1.1 the peer sees the reset of its connection, over HTTP/2 that of its stream. */
    static void reset(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            // Without lingering, closing is a reset.
            ((ConnectionBase) request.connection()).channel().config().setOption(ChannelOption.SO_LINGER, 0);
            request.connection().close();
        }
    }

    private static void close(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset();
        } else {
            request.connection().close();
        }
    }

    private static void await(Future<?> future) {
        try {
            future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException | RejectedExecutionException e) {
            throw new UncheckedIOException(new IOException("the client is gone, or the simulator is", e));
        }
    }

    private static void pause(long milliseconds) {
        try {
            Thread.sleep(Duration.ofMillis(milliseconds));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("the simulator is closed", e));
        }
    }

    /** Thrown when as much has been sent as shall be. */
    private static final class Enough extends IOException {
        Enough() {
            super("enough");
        }
    }

    /** Hands pieces over and waits until each has gone out: memory stays flat with any body. */
    private static final class Pieces extends OutputStream {
        private final HttpServerResponse response;
        private final Optional<Fault.SlowDrip> drip;
        private final int piece;
        private long left;
        private Buffer buffer = Buffer.buffer();

        Pieces(HttpServerResponse response, long most, Optional<Fault.SlowDrip> drip) {
            this.response = response;
            this.left = most;
            this.drip = drip;
            this.piece = drip.map(Fault.SlowDrip::bytes).orElse(PIECE);
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int taken = (int) Math.min(length, left);
            for (int at = 0; at < taken; ) {
                int part = Math.min(taken - at, piece - buffer.length());
                buffer.appendBytes(bytes, from + at, part);
                at += part;
                if (buffer.length() == piece) {
                    handOver();
                }
            }
            left -= taken;
            if (taken < length) {
                handOver();
                throw new Enough();
            }
        }

        private void handOver() {
            if (buffer.length() > 0) {
                Buffer full = buffer;
                buffer = Buffer.buffer();
                await(response.write(full));
                drip.ifPresent(slow -> pause(slow.milliseconds()));
            }
        }

        @Override
        public void close() {
            handOver();
        }
    }
}
