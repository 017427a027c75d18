package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;

/** The Indexed Job of a run. */
public final class RunnerJob {
    private RunnerJob() {}

    /** @throws SpecificationProblem when the manifest makes no sound pod */
    public static Job desired(EmbeddingJob manifest, RunnerImages images) {
        return new JobBuilder().build();
    }
}
