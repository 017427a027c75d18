package io.embeddingoperator.runner.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.impl.ClientPhase;
import io.vertx.ext.web.client.impl.HttpContext;
import io.vertx.ext.web.codec.BodyCodec;
import io.vertx.ext.web.codec.spi.BodyStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntPredicate;

/**
 * One request and its reply, for a thread that blocks: given up where that thread is interrupted or has waited long enough.
 *
 * <p>The web client tells its caller of a reply once all of it is there. What is needed before, the request that can be given up and
 * the head of the reply, it tells its interceptors alone.
 */
public final class WebExchange {
    private final HttpRequest<Buffer> request;
    private final CompletableFuture<HttpClientRequest> sent = new CompletableFuture<>();
    private final CompletableFuture<WebReply> reply = new CompletableFuture<>();
    private volatile boolean givenUp;

    WebExchange(HttpRequest<Buffer> request) {
        this.request = request;
    }

    /** Sends a request, with the headers and the body that it is to have. */
    public interface Sending {
        Future<HttpResponse<Buffer>> send(HttpRequest<Buffer> request);
    }

    /**
     * @param longest body, in bytes
     * @param within this time of having a connection
     * @throws ExecutionException with what kept the reply from coming
     */
    public WebReply.Whole whole(Sending sending, int longest, Duration within)
            throws ExecutionException, InterruptedException {
        return (WebReply.Whole) reply(sending, _ -> false, longest, within);
    }

    /** @param within this time of having a connection; reading the body has no limit */
    public WebReply.Streamed streamed(Sending sending, Duration within)
            throws ExecutionException, InterruptedException {
        return (WebReply.Streamed) reply(sending, _ -> true, 0, within);
    }

    /** The one or the other, by the reply's status. */
    public WebReply reply(Sending sending, IntPredicate streamed, int longest, Duration within)
            throws ExecutionException, InterruptedException {
        Codec codec = new Codec(streamed, longest);
        sending.send(request.as(codec)).onComplete(codec::end);
        try {
            sent.get();
            return reply.get(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            giveUp();
            throw new ExecutionException(new IOException("no whole reply within %d s".formatted(within.toSeconds())));
        } catch (InterruptedException e) {
            giveUp();
            throw e;
        }
    }

    /** The request, once there is a connection for it. */
    public Optional<HttpClientRequest> sent() {
        return sent.isDone() && !sent.isCompletedExceptionally() ? Optional.of(sent.join()) : Optional.empty();
    }

    private void giveUp() {
        givenUp = true;
        sent().ifPresent(HttpClientRequest::reset);
    }

    private void begin(HttpClientRequest begun) {
        sent.complete(begun);
        begun.exceptionHandler(_ -> {});
        if (givenUp) {
            begun.reset();
        }
    }

    /** Tells the exchange of each request how far it is; an interceptor of the web client. */
    static void watch(HttpContext<?> context) {
        if (context.request().bodyCodec() instanceof Codec codec) {
            if (context.phase() == ClientPhase.SEND_REQUEST) {
                codec.exchange().begin(context.clientRequest());
            } else if (context.phase() == ClientPhase.RECEIVE_RESPONSE) {
                codec.head = Optional.of(context.clientResponse());
            }
        }
        context.next();
    }

    /** Reads the reply on the event loop: by the time another thread came to it, the body would have flowed away. */
    private final class Codec implements BodyCodec<Buffer> {
        private final IntPredicate streamed;
        private final int longest;
        private Optional<HttpClientResponse> head = Optional.empty();
        private Optional<ReplyStream> stream = Optional.empty();

        Codec(IntPredicate streamed, int longest) {
            this.streamed = streamed;
            this.longest = longest;
        }

        WebExchange exchange() {
            return WebExchange.this;
        }

        @Override
        public BodyStream<Buffer> stream() {
            HttpClientResponse response = head.orElseThrow();
            if (!streamed.test(response.statusCode())) {
                return new WholeBody(response, longest);
            }
            ReplyStream body = new ReplyStream(response);
            stream = Optional.of(body);
            reply.complete(new WebReply.Streamed(response.statusCode(), response.headers(), body));
            return body;
        }

        /** @param failure null where there is none */
        void end(HttpResponse<Buffer> response, Throwable failure) {
            stream.ifPresent(body -> body.end(Optional.ofNullable(failure)));
            if (failure == null) {
                reply.complete(new WebReply.Whole(response.statusCode(), response.headers(), response.body()));
            } else {
                sent.completeExceptionally(failure);
                reply.completeExceptionally(failure);
            }
        }
    }
}
