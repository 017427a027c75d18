package io.embeddingoperator.runner.sink;

import java.util.Objects;

/**
 * Which run a process wants to work on.
 *
 * @param job namespace/name, and the uid where there is one
 * @param run the manifest's runNonce
 * @param specification fingerprint of the fields that may not change within a run
 * @param recipe names everything beside a document's text that its vectors depend on: a run takes over what was handed to a
 *     provider under the same recipe
 * @param continueOnly never start over: neither a finished run nor one that was planned from another specification. Set
 *     where one process is one of many that share a run.
 */
public record RunRequest(String job, int run, String specification, String recipe, boolean continueOnly) {
    public RunRequest {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(specification, "specification");
        Objects.requireNonNull(recipe, "recipe");
    }
}
