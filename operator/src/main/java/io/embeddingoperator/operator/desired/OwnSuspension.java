package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;
import java.util.Objects;

/**
 * Tells whether a Job was suspended by the operator, which notes it on the Job each time. What somebody else suspended, a person or
 * a Kueue that manages Jobs without a queue, is for them to resume: who took it for his own would fight them.
 */
public final class OwnSuspension {
    /** The annotation of a Job that is suspended because the manifest says so. */
    public static final String ANNOTATION = ApiVersion.GROUP + "/suspended-by-spec";

    private OwnSuspension() {}

    /** Whether the operator suspended the Job, for whatever reason, and has not resumed it. */
    public static boolean isNoted(Job job) {
        Map<String, String> annotations =
                Objects.requireNonNullElse(job.getMetadata().getAnnotations(), Map.of());
        return annotations.containsKey(ANNOTATION) || annotations.containsKey(BudgetPause.ANNOTATION);
    }
}
