package io.embeddingoperator.runner.embed.openai.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;

/** Collects the body of a response, and gives up on one that does not end. */
final class WholeBody {
    private final HttpClientResponse response;
    private final int longest;
    private final Promise<Buffer> whole = Promise.promise();
    private final Buffer body;

    private WholeBody(HttpClientResponse response, int longest) {
        this.response = response;
        this.longest = longest;
        this.body = Buffer.buffer(announced());
    }

    /** To be called before the response begins to flow. */
    static Future<Buffer> of(HttpClientResponse response, int longest) {
        WholeBody collected = new WholeBody(response, longest);
        response.exceptionHandler(collected.whole::tryFail);
        response.endHandler(_ -> collected.whole.tryComplete(collected.body));
        response.handler(collected::append);
        return collected.whole.future();
    }

    /** Growing step by step would copy a large body again and again. */
    private int announced() {
        String length = response.getHeader("content-length");
        return length != null && length.matches("\\d{1,9}") ? Math.min(Integer.parseInt(length), longest) : 0;
    }

    private void append(Buffer part) {
        if (whole.future().isComplete()) {
            return;
        }
        if ((long) body.length() + part.length() > longest) {
            whole.tryFail(new IOException("the reply is longer than %d bytes".formatted(longest)));
            response.request().reset();
            return;
        }
        body.appendBuffer(part);
    }
}
