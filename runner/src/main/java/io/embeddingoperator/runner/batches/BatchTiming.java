package io.embeddingoperator.runner.batches;

import java.time.Duration;

/**
 * How long batches are left alone.
 *
 * @param poll between two questions about a batch, at first
 * @param longestPoll between two questions, later
 * @param queue before a batch is handed in again that found the queue full, at first
 * @param longestQueue the same, later
 * @param settle how long a request whose reply was lost may still take effect, before it is sent again
 * @param grace how long results that the provider does not find may still appear, before they are paid for again
 */
public record BatchTiming(
        Duration poll, Duration longestPoll, Duration queue, Duration longestQueue, Duration settle, Duration grace) {
    private static final BatchTiming USUAL = new BatchTiming(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofMinutes(1),
            Duration.ofMinutes(15),
            Duration.ofSeconds(20),
            Duration.ofMinutes(10));

    /** {@code -Dembedding.batches.pace=…} makes all of them shorter or longer, for servers that are quicker than OpenAI. */
    static BatchTiming usual() {
        return USUAL.times(Double.parseDouble(System.getProperty("embedding.batches.pace", "1")));
    }

    private BatchTiming times(double factor) {
        return new BatchTiming(
                times(poll, factor),
                times(longestPoll, factor),
                times(queue, factor),
                times(longestQueue, factor),
                times(settle, factor),
                times(grace, factor));
    }

    private static Duration times(Duration duration, double factor) {
        return Duration.ofMillis(Math.max(1, Math.round(duration.toMillis() * factor)));
    }
}
