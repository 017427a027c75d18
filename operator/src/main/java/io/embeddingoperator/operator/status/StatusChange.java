package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import java.util.List;

/**
 * What became different from one status to the next.
 *
 * @param before the status as it stood, or null before the first
 * @param after the status as it is now
 */
public record StatusChange(EmbeddingJobStatus before, EmbeddingJobStatus after) {
    /** Whether more than numbers and the sentences around them changed: this is written at once. */
    public boolean isUrgent() {
        throw new UnsupportedOperationException("not written yet");
    }

    /** What a person would want to know of, each once. */
    public List<NewEvent> events() {
        throw new UnsupportedOperationException("not written yet");
    }
}
