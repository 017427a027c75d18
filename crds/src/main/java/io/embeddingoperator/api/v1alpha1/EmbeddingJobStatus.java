package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * What is true of a job, seen from its child objects.
 *
 * @param run the runNonce that these numbers belong to
 * @param startTime in RFC 3339, as the other times
 * @param costUsd US dollars as a decimal
 * @param failedDocuments the first few; all of them are in the sink's table
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EmbeddingJobStatus(
        Long observedGeneration,
        List<Condition> conditions,
        Integer run,
        String startTime,
        String completionTime,
        String estimatedCompletionTime,
        DocumentCounts documents,
        Long chunks,
        Long tokens,
        Long tokensPerSecond,
        String costUsd,
        ShardCounts shards,
        BatchCounts batches,
        List<FailedDocumentStatus> failedDocuments) {

    /** Documents by outcome; percent is a whole number from 0 to 100. */
    public record DocumentCounts(Long total, Long embedded, Long skipped, Long failed, Integer percent) {}

    /** Shards by state. */
    public record ShardCounts(Integer total, Integer active, Integer succeeded, Integer failed) {}

    /** Batches of the OpenAI Batch API by state. */
    public record BatchCounts(Integer submitted, Integer inProgress, Integer completed, Integer failed) {}

    /** A document that could not be embedded, and why. */
    public record FailedDocumentStatus(String key, String reason) {}
}
