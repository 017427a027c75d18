package io.embeddingoperator.http;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The connections that are open, the oldest first: so many and no more, each for so long and no longer, with all that it sends, reads
 * or keeps back. One more closes the oldest, so that a probe is heard also while one client holds all of the others: an honest
 * request is over long before as many newer ones have come. Used by the one thread of the port's event loop.
 */
final class OpenConnections {
    private final Vertx vertx;
    private final int limit;
    private final Duration longest;
    private final SequencedMap<HttpConnection, Life> open = new LinkedHashMap<>();

    OpenConnections(Vertx vertx, int limit, Duration longest) {
        this.vertx = vertx;
        this.limit = limit;
        this.longest = longest;
    }

    void admit(HttpConnection connection) {
        if (open.size() >= limit) {
            close(open.firstEntry().getKey());
        }
        open.put(connection, new Life(vertx.setTimer(longest.toMillis(), _ -> close(connection)), false));
        connection.closeHandler(_ -> forget(connection));
    }

    /** Whether a request is the first of its connection, and the connection is still open. */
    boolean isFirstRequest(HttpConnection connection) {
        Life life = open.get(connection);
        if (life == null || life.asked()) {
            return false;
        }
        open.replace(connection, new Life(life.timer(), true));
        return true;
    }

    private void close(HttpConnection connection) {
        forget(connection);
        // Past Vert.x, which would wait until the peer has read what was written before.
        ChannelFuture _ = ((ConnectionBase) connection)
                .channel()
                .pipeline()
                .firstContext()
                .close();
    }

    private void forget(HttpConnection connection) {
        Life life = open.remove(connection);
        if (life != null) {
            vertx.cancelTimer(life.timer());
        }
    }

    /** @param timer ends it */
    private record Life(long timer, boolean asked) {}
}
