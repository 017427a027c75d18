package io.embeddingoperator.runner.sink.run;

import java.util.Objects;
import java.util.Optional;

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
 */
public record RunRequest(
        String job, int run, String specification, String recipe, boolean continueOnly, Optional<String> modelCommit) {
    public RunRequest {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(specification, "specification");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(modelCommit, "modelCommit");
    }

    /** The job's namespace/name. */
    public String jobName() {
        return Run.jobName(job);
    }

    /** A run whose model the manifest names exactly. */
    public RunRequest(String job, int run, String specification, String recipe, boolean continueOnly) {
        this(job, run, specification, recipe, continueOnly, Optional.empty());
    }
}
