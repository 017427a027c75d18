package io.embeddingoperator.api.contract;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /progress} answers while a runner works, and the termination message once it ends. Numbers come from committed
 * windows only. A reader passes over fields that it does not know: operator and runner may be of different versions. In JSON the
 * fields of process, committed and pace stand beside the others.
 *
 * @param phase what the runner is doing now, or how it ended
 * @param message a sentence for a person, or null
 * @param planned the whole run as it was planned, or null before it is
 * @param failedDocuments the first few documents that failed; all of them are in the sink's table
 * @param whole what all shards have committed, those of other processes included, or null before the run is known
 * @param waiting what keeps this process from going on just now, or null while it works
 * @param sink the run as this process read it in the sink when it ended, or null before its end. Only this says that a run is
 *     complete: a process that ended well knows its own shards alone
 * @param recall what searches through the index find, or null where this process did not see it measured
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Progress(
        @JsonUnwrapped Process process,
        Phase phase,
        @JsonUnwrapped Committed committed,
        @JsonUnwrapped Pace pace,
        @Nullable String message,
        @Nullable Planned planned,
        @Nullable List<FailedDocument> failedDocuments,
        @Nullable Whole whole,
        @Nullable Waiting waiting,
        @Nullable SinkState sink,
        @Nullable Recall recall) {

    public Progress {
        Objects.requireNonNull(process, "process");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(committed, "committed");
        Objects.requireNonNull(pace, "pace");
        // Writer and reader make them, so that no program between them matters.
        message = PrintableText.ofNullable(message);
        failedDocuments = failedDocuments == null ? null : List.copyOf(failedDocuments);
    }

    /**
     * Who tells.
     *
     * @param job namespace/name
     * @param run the number of the run
     * @param shard the shard of this process, or null when it runs all of them
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Process(String job, int run, @Nullable Integer shard) {
        public Process {
            Objects.requireNonNull(job, "job");
        }
    }

    /** What the shards of this process have committed, by this process or another. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Committed(Documents documents, Work work, long chunks, long tokens, long truncatedChunks) {
        public static final Committed NOTHING =
                new Committed(new Documents(null, 0, 0, 0), new Work("documents", 0, 0, 0), 0, 0, 0);

        public Committed {
            Objects.requireNonNull(documents, "documents");
            Objects.requireNonNull(work, "work");
        }
    }

    /**
     * How fast this process embeds.
     *
     * @param secondsLeft until its shards are embedded, or null while that is not known
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Pace(
            double tokensPerSecond,
            double documentsPerSecond,
            @Nullable Long secondsLeft) {
        public static final Pace NONE = new Pace(0, 0, null);
    }

    /** What a runner is doing. */
    public enum Phase {
        Planning,
        Embedding,
        Indexing,
        Complete,
        /** Ended after a clean checkpoint, because going on would cost more than the budget allows. */
        Paused,
        Interrupted,
        Failed
    }

    /**
     * Documents by outcome.
     *
     * @param total what the source holds, or null where only reading tells (files)
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Documents(@Nullable Long total, long embedded, long skipped, long failed) {
        public long finished() {
            return embedded + skipped + failed;
        }
    }

    /**
     * Work in the unit that the source can count ahead: documents of a table, bytes of files.
     *
     * @param percent 0 to 100, of the documents that are done or, of files, of what is read
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Work(String unit, long done, long total, double percent) {}

    /**
     * The whole run, of which this process may have one shard.
     *
     * @param shards ranges of the source
     * @param documents what the source holds, or null where only reading tells (files)
     * @param work the total of all shards, in the unit of {@link Work}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Planned(int shards, @Nullable Long documents, long work) {}

    /**
     * A document that could not be embedded, and why; either text may be shortened.
     *
     * @param key or, where that cannot be read, the place where the document was found
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FailedDocument(String key, String reason) {
        public FailedDocument {
            key = PrintableText.of(key);
            reason = PrintableText.of(reason);
        }
    }

    /**
     * The whole run as the sink's database has it: the sum over all shards, those included whose runners have ended.
     *
     * @param costUsd US dollars spent in this run as a plain decimal, or null where embedding costs nothing. Never less
     *     than what was billed: where a reply was lost, what it may have cost counts
     * @param estimatedCostUsd the part of costUsd that no bill of the provider tells, or null where all of it is told: replies
     *     that were lost or did not say what they cost, reckoned with the runner's own tokens
     * @param batches batches of the OpenAI Batch API, or null where there are none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Whole(
            @JsonUnwrapped Counts counts,
            int completeShards,
            @Nullable String costUsd,
            @Nullable String estimatedCostUsd,
            @Nullable Batches batches) {
        public Whole {
            Objects.requireNonNull(counts, "counts");
        }
    }

    /**
     * Batches of the whole run by state.
     *
     * @param submitted that the provider has taken, finished ones included
     * @param inProgress that the provider works on
     * @param completed whose results are in the sink
     * @param failed that failed, expired or were cancelled; what they left undone went into later ones
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Batches(int submitted, int inProgress, int completed, int failed) {}

    /**
     * Why a process does not go on.
     *
     * @param reason for programs
     * @param sentence for a person: what it waits for, and what to do where something can be done
     * @param until when it goes on, in RFC 3339, or null where that is not known
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Waiting(
            Reason reason, String sentence, @Nullable String until) {
        public Waiting {
            Objects.requireNonNull(reason, "reason");
            sentence = PrintableText.of(Objects.requireNonNull(sentence, "sentence"));
        }

        /** What is waited for. */
        public enum Reason {
            /** The provider asked for a pause that is longer than pacing explains. */
            RateLimited,
            /** The provider's queue of batches is full. */
            BatchQueueFull,
            /** All batches are submitted, and some are still at work. */
            BatchesPending,
            /** The provider or the network fails, and it is tried again. */
            ProviderUnavailable,
            /** Going on would cost more than spec.budget.maxCostUsd. */
            BudgetExhausted,
            /** Nothing has moved for a while; the sentence says what the runner is doing, for example whose lock it waits for. */
            Stalled
        }
    }

    /**
     * A run as its state stands in the sink.
     *
     * @param complete whether every shard is complete, orphans are removed, the index is built, and the run is marked so
     * @param completeShards shards that are complete
     * @param shards shards of the run's plan
     * @param readAt when it was read, by the clock of the sink's server, in RFC 3339; of two readings the later one counts
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SinkState(boolean complete, int completeShards, int shards, String readAt) {
        public SinkState {
            Objects.requireNonNull(readAt, "readAt");
            if (complete && completeShards < shards) {
                throw new IllegalArgumentException("a run of which %d of %d shards are complete is not complete"
                        .formatted(completeShards, shards));
            }
        }
    }

    /**
     * Which share of the ten nearest rows a search through the index finds.
     *
     * @param at10 from 0 to 1, with efSearch
     * @param efSearch the least hnsw.ef_search that reaches the target; where none does, the largest that was tried
     * @param usualAt10 the same with the server's own setting
     * @param usualEfSearch the server's own hnsw.ef_search
     * @param target what the manifest asks for
     * @param queries rows that were looked for
     * @param measuredAt by the clock of the sink's server, in RFC 3339
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Recall(
            double at10,
            int efSearch,
            double usualAt10,
            int usualEfSearch,
            double target,
            int queries,
            String measuredAt) {
        public Recall {
            Objects.requireNonNull(measuredAt, "measuredAt");
        }
    }

    /** The progress of a process that failed before it had a plan: nothing is counted, the sentence says why. */
    public static Progress unplanned(Process process, String sentence) {
        return new Progress(
                process, Phase.Failed, Committed.NOTHING, Pace.NONE, sentence, null, null, null, null, null, null);
    }

    /** The progress of a process that has no plan yet; waiting may be null. */
    public static Progress planning(Process process, @Nullable Waiting waiting) {
        return new Progress(
                process, Phase.Planning, Committed.NOTHING, Pace.NONE, null, null, null, null, waiting, null, null);
    }

    public Progress withFailedDocuments(List<FailedDocument> failed) {
        return new Progress(process, phase, committed, pace, message, planned, failed, whole, waiting, sink, recall);
    }

    public Progress withOutcome(Phase outcome, @Nullable String sentence) {
        return new Progress(
                process, outcome, committed, pace, sentence, planned, failedDocuments, whole, waiting, sink, recall);
    }
}
