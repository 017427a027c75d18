package io.embeddingoperator.runner.http;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.util.Optional;

/** What a server answered. */
public sealed interface WebReply {
    int status();

    MultiMap headers();

    /** The first value of a header, in any case of its name. */
    default Optional<String> header(String name) {
        return Optional.ofNullable(headers().get(name));
    }

    /** A reply that is all there. */
    record Whole(int status, MultiMap headers, Buffer body) implements WebReply {}

    /**
     * A reply whose body is still to come.
     *
     * @param body never held as a whole: reading slowly slows the server down. One that ends early fails in the middle; to close it
     *     ends its transfer
     */
    record Streamed(int status, MultiMap headers, InputStream body) implements WebReply {}
}
