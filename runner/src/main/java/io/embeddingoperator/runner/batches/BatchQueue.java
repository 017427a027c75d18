package io.embeddingoperator.runner.batches;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What this process knows of the provider's queue, whose limit of enqueued tokens all batches of an account share: given by the
 * manifest, learned from a refusal, or unknown. A refused batch costs nothing, so that not knowing does no harm.
 */
final class BatchQueue {
    /** Several batches fit into the queue, so that one is worked on while the next is handed in. */
    private static final int BATCHES_IN_THE_QUEUE = 4;

    private final int shards;
    private final Backoff backoff;
    private OptionalLong limit;
    private Instant closedUntil = Instant.MIN;
    private Optional<String> refusal = Optional.empty();
    private boolean held;

    /**
     * @param limit tokens that may be enqueued, where the manifest says it
     * @param shards that share the queue
     */
    BatchQueue(OptionalLong limit, int shards, BatchTiming timing) {
        this.limit = limit;
        this.shards = shards;
        this.backoff = new Backoff(timing.queue(), timing.longestQueue());
    }

    /** The most tokens of one batch. */
    synchronized long batchTokens() {
        return limit.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(
                        1, limit.getAsLong() / Math.clamp(2L * shards, BATCHES_IN_THE_QUEUE, 4 * BATCHES_IN_THE_QUEUE));
    }

    /** The most tokens of one document, which cannot be divided among batches. */
    synchronized long documentTokens() {
        return limit.orElse(Long.MAX_VALUE);
    }

    /** Whether a batch could never be taken, however empty the queue is. */
    synchronized boolean tooLarge(long tokens) {
        return limit.isPresent() && tokens > limit.getAsLong();
    }

    /**
     * Whether a batch may be handed in now.
     *
     * @param enqueued tokens of this run that the provider has
     */
    synchronized boolean admits(long tokens, long enqueued, Instant now) {
        boolean fits = limit.isEmpty() || enqueued == 0 || enqueued + tokens <= limit.getAsLong();
        held = !fits || now.isBefore(closedUntil);
        return !held;
    }

    /** The provider had no room; others may use the queue as well. */
    synchronized void refused(OptionalLong told, String sentence, Instant now) {
        if (told.isPresent() && told.getAsLong() > 0) {
            limit = told;
        }
        refusal = Optional.of(sentence);
        closedUntil = now.plus(backoff.pause());
    }

    /** A batch was taken. */
    synchronized void accepted() {
        refusal = Optional.empty();
        backoff.reset();
    }

    /** A batch of this process has left the queue, which may make room. */
    synchronized void madeRoom() {
        closedUntil = Instant.MIN;
    }

    /** When the next batch may be handed in after a refusal; empty where nothing was refused. */
    synchronized Optional<Instant> closedUntil(Instant now) {
        return now.isBefore(closedUntil) ? Optional.of(closedUntil) : Optional.empty();
    }

    /** Whether the last attempt to hand a batch in, or to hand one in at all, met a full queue. */
    synchronized boolean isFull() {
        return refusal.isPresent() || held;
    }

    /** What the provider said of its queue, while it is full. */
    synchronized Optional<String> refusal() {
        return refusal;
    }
}
