package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is true of a job, seen from its child objects. What is not known yet is null and left out.
 *
 * @param observedGeneration the generation of the manifest that this status speaks of
 * @param conditions one a type: Ready, Reconciling, Stalled, Complete, Failed, Suspended
 * @param run the number of the run that these numbers belong to: the operator counts the runs of a job from 1, and never backwards
 * @param runNonce the value of spec.runNonce that started this run
 * @param startTime when the run started, in RFC 3339
 * @param completionTime when the run ended, in RFC 3339
 * @param estimatedCompletionTime when the run will end at its present rate, in RFC 3339; absent while it
 *     cannot be told, as with batches of a provider
 * @param documents documents by outcome
 * @param chunks chunks embedded in this run
 * @param truncatedChunks chunks of this run that the model could not take whole and that were cut; absent where there are none
 * @param unknownChunks chunks of this run of which at least half of the tokens are unknown to the model, so that their vectors say
 *     little: its vocabulary is of other languages; absent where there are none
 * @param tokens tokens embedded in this run
 * @param tokensPerSecond tokens embedded in a second, over all runner pods
 * @param costUsd US dollars spent in this run, as a decimal
 * @param estimatedCostUsd how much of it no bill of the provider tells, as a decimal: replies that were lost or did not say what
 *     they cost, reckoned with the runner's own tokens; absent where all of it is told
 * @param shards shards by state
 * @param batches batches of the OpenAI Batch API by state
 * @param failedDocuments the first few documents that failed; all of them are in the sink's table
 * @param restarts how often the Job of this run was started again, because all of its pods had ended well and the sink did not
 *     hold all of the run, or no pod was heard to say that it does; absent where that never happened
 * @param refresh how current the table is, where spec.refresh says when runs start by themselves
 * @param recall what searches through the index of the table find, as the last run that ended measured it; absent without an index,
 *     or where the table is so large that comparing all rows takes over a minute
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EmbeddingJobStatus(
        @Nullable Long observedGeneration,
        @Size(max = Limit.CONDITIONS) @Nullable List<Condition> conditions,
        @Nullable Integer run,
        @Nullable Integer runNonce,
        @Size(max = Limit.SHOWN_VALUE) @Nullable String startTime,
        @Size(max = Limit.SHOWN_VALUE) @Nullable String completionTime,
        @Size(max = Limit.SHOWN_VALUE) @Nullable String estimatedCompletionTime,
        @Nullable DocumentCounts documents,
        @Nullable Long chunks,
        @Nullable Long truncatedChunks,
        @Nullable Long unknownChunks,
        @Nullable Long tokens,
        @Nullable Long tokensPerSecond,
        @Size(max = Limit.SHOWN_VALUE) @Nullable String costUsd,
        @Size(max = Limit.SHOWN_VALUE) @Nullable String estimatedCostUsd,
        @Nullable ShardCounts shards,
        @Nullable BatchCounts batches,
        @Size(max = Limit.SHOWN_FAILURES) @Nullable List<FailedDocumentStatus> failedDocuments,
        @Nullable Integer restarts,
        @Nullable RefreshStatus refresh,
        @Nullable RecallStatus recall) {
    public EmbeddingJobStatus {
        conditions = conditions == null ? null : List.copyOf(conditions);
        failedDocuments = failedDocuments == null ? null : List.copyOf(failedDocuments);
    }

    /**
     * How current the table is.
     *
     * @param tableAsOf when the last run began that is complete, in RFC 3339: the table has what the source held then
     * @param lastScheduleTime when a run last started by itself, in RFC 3339
     * @param lastScheduledRun the number of that run
     * @param nextScheduleTime when the next one starts, in RFC 3339; absent while the job is suspended
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RefreshStatus(
            @Size(max = Limit.SHOWN_VALUE) @Nullable String tableAsOf,
            @Size(max = Limit.SHOWN_VALUE) @Nullable String lastScheduleTime,
            @Nullable Integer lastScheduledRun,
            @Size(max = Limit.SHOWN_VALUE) @Nullable String nextScheduleTime) {}

    /**
     * Which share of the ten nearest chunks a search through the index finds: recall@10, measured with rows of the table beside a
     * comparison with all rows.
     *
     * @param at10 the share, from 0 to 1, of searches with efSearch
     * @param efSearch the least hnsw.ef_search that reaches the target; where none does, the largest that was tried
     * @param usualAt10 the share of searches that leave hnsw.ef_search as the server has it
     * @param usualEfSearch the hnsw.ef_search that the server has
     * @param target what spec.sink.pgvector.index.targetRecall asked for
     * @param queries how many rows were looked for
     * @param measuredAt when that was, in RFC 3339
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RecallStatus(
            Double at10,
            Integer efSearch,
            Double usualAt10,
            Integer usualEfSearch,
            Double target,
            Integer queries,
            @Size(max = Limit.SHOWN_VALUE) @Nullable String measuredAt) {}

    /**
     * Documents by outcome.
     *
     * @param total documents of the source; absent where only reading tells (files)
     * @param embedded documents embedded in this run
     * @param skipped documents that were in the sink already, unchanged
     * @param failed documents that could not be embedded
     * @param percent how many of the documents are done or, of files, how much is read, a whole number from 0 to 100
     * @param removed documents whose rows were removed in this run because they are gone from the source, or have no text any
     *     more where onEmpty is Delete; absent where there are none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DocumentCounts(
            @Nullable Long total,
            Long embedded,
            Long skipped,
            Long failed,
            Integer percent,
            @Nullable Long removed) {
        /** Where nothing was removed. */
        public DocumentCounts(@Nullable Long total, Long embedded, Long skipped, Long failed, Integer percent) {
            this(total, embedded, skipped, failed, percent, null);
        }
    }

    /**
     * Shards by state.
     *
     * @param total shards of this run
     * @param active shards that a pod works on
     * @param succeeded shards that are done
     * @param failed shards that were given up
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ShardCounts(Integer total, Integer active, Integer succeeded, Integer failed) {}

    /**
     * Batches of the OpenAI Batch API by state.
     *
     * @param submitted batches handed to OpenAI in this run
     * @param inProgress batches that OpenAI works on
     * @param completed batches whose vectors are in the sink
     * @param failed batches that failed or expired
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BatchCounts(Integer submitted, Integer inProgress, Integer completed, Integer failed) {}

    /**
     * A document that could not be embedded, and why.
     *
     * @param key the key of the document in its source
     * @param reason why it could not be read, embedded or stored
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record FailedDocumentStatus(
            @Size(max = Limit.SHOWN_TEXT) String key,
            @Size(max = Limit.SHOWN_TEXT) String reason) {}
}
