package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.runner.source.ShardRange;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which run a process wants to work on.
 *
 * @param job namespace/name, and the uid where there is one
 * @param run the number of the run
 * @param specification fingerprint of the fields that may not change within a run
 * @param recipe names everything beside a document's text that its vectors depend on: a run takes over what was handed to a
 *     provider under the same recipe
 * @param continueOnly never start over: neither a finished run nor one that was planned from another specification. Set
 *     where one process is one of many that share a run.
 * @param modelCommit which commit of its model this process has, where the manifest names a branch or tag
 * @param reading how the source is read where a run may leave out what did not change; empty where all of it is read
 * @param shard the only one that this process works on: the definitions of the others, which may be large, are not read
 */
public record RunRequest(
        String job,
        int run,
        String specification,
        String recipe,
        boolean continueOnly,
        Optional<String> modelCommit,
        Optional<Reading> reading,
        OptionalInt shard) {
    public RunRequest {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(specification, "specification");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(modelCommit, "modelCommit");
        Objects.requireNonNull(reading, "reading");
        Objects.requireNonNull(shard, "shard");
    }

    /** The fingerprint of the reading, where the source can tell that such things are unchanged. */
    public Optional<String> readingOf(Reading.Of what) {
        return reading.filter(each -> each.of() == what).map(Reading::fingerprint);
    }

    /** The job's namespace/name. */
    public String jobName() {
        return Run.jobName(job);
    }

    /** All shards of a run whose model the manifest names exactly, and which reads everything. */
    public RunRequest(String job, int run, String specification, String recipe, boolean continueOnly) {
        this(job, run, specification, recipe, continueOnly, Optional.empty(), Optional.empty(), OptionalInt.empty());
    }

    /** What this process needs of a shard's range. */
    public ShardRange needed(ShardRange range) {
        return shard.isEmpty() || shard.getAsInt() == range.shard() ? range : range.withoutDefinition();
    }
}
