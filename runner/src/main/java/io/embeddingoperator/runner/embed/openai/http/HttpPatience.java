package io.embeddingoperator.runner.embed.openai.http;

import java.time.Duration;

/**
 * How long a request is waited for.
 *
 * @param connect for a connection, its encryption included
 * @param idle without a byte in either direction; computing a reply falls into it
 * @param whole for a whole reply, so that one that drips in does not hold a request for ever; downloads have no such limit
 * @param upload for sending a file and a whole reply
 */
record HttpPatience(Duration connect, Duration idle, Duration whole, Duration upload) {
    static final HttpPatience USUAL =
            new HttpPatience(Duration.ofSeconds(10), Duration.ofMinutes(2), Duration.ofMinutes(5), Duration.ofHours(1));

    HttpPatience(Duration connect, Duration idle, Duration whole) {
        this(connect, idle, whole, whole);
    }
}
