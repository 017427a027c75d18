package io.embeddingoperator.runner.embed.openai.http;

import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/** Which requests a server promises not to have looked at: HTTP/2 says so of streams that it refuses, or that come too late. */
final class RefusedStreams {
    /** HTTP/2's word for a stream that was not processed. */
    private static final long REFUSED_STREAM = 7;

    /** The last stream that a server looks at before it closes a connection, once it has told it. */
    private final Map<HttpConnection, Integer> last = Collections.synchronizedMap(new WeakHashMap<>());

    /** A connection was made. */
    void watch(HttpConnection connection) {
        if (connection.protocolVersion() == HttpVersion.HTTP_2) {
            connection.goAwayHandler(goAway -> last.put(connection, goAway.getLastStreamId()));
        }
    }

    /** @param cause of the request's failure */
    boolean contains(HttpClientRequest request, Throwable cause) {
        return switch (cause) {
            case StreamResetException reset -> reset.getCode() == REFUSED_STREAM;
            case HttpClosedException _ ->
                request.streamId() > last.getOrDefault(request.connection(), Integer.MAX_VALUE);
            default -> false;
        };
    }
}
