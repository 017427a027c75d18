package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.observe.Observation;
import java.time.Instant;

/** What the status of an EmbeddingJob is: pure, from the manifest with its former status and from what was seen. */
public final class StatusDecision {
    private StatusDecision() {}

    /** The status that what was seen amounts to. */
    public static EmbeddingJobStatus status(EmbeddingJob job, Observation seen) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * The status of a job whose child objects can never be as it is written, until somebody edits it.
     *
     * @param sentence names the field and what to do
     */
    public static EmbeddingJobStatus refused(EmbeddingJob job, Instant at, String sentence) {
        throw new UnsupportedOperationException("not written yet");
    }

    /**
     * The status of a job that cannot go on just now and is tried again.
     *
     * @param sentence what is in the way and what to do
     */
    public static EmbeddingJobStatus hindered(EmbeddingJob job, Instant at, String sentence) {
        throw new UnsupportedOperationException("not written yet");
    }
}
