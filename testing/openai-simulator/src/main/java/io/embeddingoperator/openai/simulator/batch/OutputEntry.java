package io.embeddingoperator.openai.simulator.batch;

/**
 * One line of an output or error file.
 *
 * @param line the number of its line in the input, from 0 on
 */
record OutputEntry(int line, Kind kind) {
    /** What stands in it. */
    enum Kind {
        /** The vectors. */
        VECTORS,
        /** Wrong vectors, as the batch's fault says. */
        SPOILED_VECTORS,
        /** The vectors of another text. */
        OTHER_VECTORS,
        /** The error that the line was answered. */
        REFUSED,
        /** The error that a fault has put in place of vectors. */
        FAILED,
        /** It never ran, because it took too long. */
        TIMED_OUT,
        /** It never ran, because the batch expired. */
        EXPIRED,
        /** It never ran, because the batch was cancelled. */
        CANCELLED,
        /** Good vectors under a custom_id that was not sent. */
        FOREIGN,
        /** No JSON. */
        GARBAGE,
        /** Nothing. */
        BLANK
    }
}
