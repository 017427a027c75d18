package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import java.util.Map;

/** The labels by which the operator's informers, a NetworkPolicy and a person find the objects of a run. */
public final class RunLabels {
    public static final String NAME = "app.kubernetes.io/name";
    public static final String NAME_VALUE = "embedding-runner";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGED_BY_VALUE = "embedding-operator";

    /** The name of the EmbeddingJob, in the object's own namespace. */
    public static final String JOB = ApiVersion.GROUP + "/job";

    /** The number of the run. */
    public static final String RUN = ApiVersion.GROUP + "/run";

    /** The runNonce that started the run. */
    public static final String NONCE = ApiVersion.GROUP + "/run-nonce";

    /** What every object of every run carries. */
    public static final Map<String, String> COMMON = Map.of(NAME, NAME_VALUE, MANAGED_BY, MANAGED_BY_VALUE);

    /** {@link #COMMON} as a label selector. */
    public static final String SELECTOR = NAME + "=" + NAME_VALUE + "," + MANAGED_BY + "=" + MANAGED_BY_VALUE;

    private RunLabels() {}

    /** The labels of the objects of one run. */
    public static Map<String, String> of(EmbeddingJob manifest) {
        CountedRun run = CountedRun.of(manifest);
        return Map.of(
                NAME,
                NAME_VALUE,
                MANAGED_BY,
                MANAGED_BY_VALUE,
                JOB,
                manifest.getMetadata().getName(),
                RUN,
                Integer.toString(run.number()),
                NONCE,
                Integer.toString(run.nonce()));
    }
}
