package io.embeddingoperator.openai.simulator;

import java.time.Duration;

/**
 * How long a batch stays in each state, in the simulator's time.
 *
 * @param working in progress: lines are done evenly over this time
 */
public record BatchTiming(Duration validating, Duration working, Duration finalizing, Duration cancelling) {
    /** As small batches at OpenAI, where it may also be minutes or hours. */
    public static final BatchTiming DEFAULT = new BatchTiming(
            Duration.ofSeconds(5), Duration.ofMinutes(2), Duration.ofSeconds(5), Duration.ofSeconds(30));

    /** Each state for this long. */
    public static BatchTiming of(Duration each) {
        return new BatchTiming(each, each, each, each);
    }
}
