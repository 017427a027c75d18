package io.embeddingoperator.runner.serve;

import java.time.Duration;
import java.util.Objects;

/**
 * What an endpoint takes upon itself.
 *
 * @param queue how long a request may wait for its first text to be embedded; one that would wait longer is refused at once
 * @param requestTexts the most texts of one request
 * @param requestBytes the longest body of a request
 */
public record ServeLimits(Duration queue, int requestTexts, int requestBytes) {
    /** Texts of a request are held until its last one is embedded: this bounds them. */
    private static final int MAX_REQUEST_BYTES = 16 << 20;

    public ServeLimits {
        Objects.requireNonNull(queue, "queue");
        if (!queue.isPositive() || requestTexts < 1 || requestBytes < 1) {
            throw new IllegalArgumentException(
                    "a queue of %s, %d texts and %d bytes a request: use more than nothing of each"
                            .formatted(queue, requestTexts, requestBytes));
        }
    }

    public ServeLimits(Duration queue, int requestTexts) {
        this(queue, requestTexts, MAX_REQUEST_BYTES);
    }
}
