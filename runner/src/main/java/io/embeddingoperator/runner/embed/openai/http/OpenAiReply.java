package io.embeddingoperator.runner.embed.openai.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a server answered, whole. The array is shared, not copied: it is never written to.
 *
 * @param headers by their names in lower case; of one that came several times the first
 */
public record OpenAiReply(int status, Map<String, String> headers, byte[] body) {
    public OpenAiReply {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(body, "body");
    }

    /** @param name in lower case */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Without headers and body, which are long and not ours. */
    @Override
    public String toString() {
        return "%d with %d bytes".formatted(status, body.length);
    }
}
