package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;

/**
 * A wait that is longer than pacing explains.
 *
 * @param sentence for a person
 * @param left until it goes on, or is tried again
 */
public record Pause(String sentence, Duration left) {}
