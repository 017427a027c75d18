package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;
import java.util.Objects;

/**
 * Tells whether the operator suspended a Job, which it notes on the Job each time. A Job that a person suspended, or a Kueue that
 * manages Jobs without a queue, is for them to resume: the operator would fight them if it took the suspension for its own.
 */
public final class OwnSuspension {
    /** The annotation of a Job that is suspended because the manifest says so. */
    public static final String ANNOTATION = ApiVersion.GROUP + "/suspended-by-spec";

    private OwnSuspension() {}

    /** Whether the operator suspended the Job, for the manifest or for the budget, and has not resumed it. */
    public static boolean isNoted(Job job) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(job.getMetadata().getAnnotations(), Map.of());
        return annotations.containsKey(ANNOTATION) || annotations.containsKey(BudgetPause.ANNOTATION);
    }
}
