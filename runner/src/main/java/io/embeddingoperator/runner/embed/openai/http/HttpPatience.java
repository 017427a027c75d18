package io.embeddingoperator.runner.embed.openai.http;

import java.time.Duration;

/**
 * How long a request is waited for.
 *
 * @param connect for a connection to be made, its encryption included
 * @param turn for a connection to be free, where others take all of them; longer than theirs take
 * @param idle without a byte in either direction; computing a reply falls into it
 * @param whole for a whole reply once there is a connection, so that one that drips in does not hold a request for ever; downloads have no such limit
 * @param upload for sending a file and a whole reply
 */
record HttpPatience(Duration connect, Duration turn, Duration idle, Duration whole, Duration upload) {
    static final HttpPatience USUAL = new HttpPatience(
            Duration.ofSeconds(10),
            Duration.ofMinutes(15),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofHours(1));

    /** Requests that may come before one at a connection. */
    private static final int TURNS = 3;

    HttpPatience(Duration connect, Duration idle, Duration whole) {
        this(connect, Duration.ofMinutes(15), idle, whole, whole);
    }

    /** With another limit of a request: what waits longer than the usual request, waits longer than that one as well. */
    HttpPatience within(Duration request) {
        return new HttpPatience(
                connect,
                longer(turn, request.multipliedBy(TURNS)),
                longer(idle, request),
                request,
                longer(upload, request));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}
