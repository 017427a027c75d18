package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;

/**
 * The Indexed Job of a run: shard i is index i.
 *
 * <p>It has no {@code maxFailedIndexes}, so that one shard that is given up never stops another, and no {@code
 * activeDeadlineSeconds}: how long a hundred million documents take is not known. {@code ttlSecondsAfterFinished} is set
 * once the outcome stands in the status, not before: the operator would run a Job again that was cleaned up before that.
 */
public final class RunnerJob {
    private RunnerJob() {}

    /**
     * The Job of the manifest's run as it is created, owned by the EmbeddingJob. Where Kueue starts it, it is created
     * suspended.
     *
     * @throws SpecificationProblem when the manifest makes no sound pod
     */
    public static Job desired(EmbeddingJob manifest, RunnerImages images) {
        EmbeddingJobSpec spec = manifest.getSpec();
        ObjectMeta metadata = metadata(manifest);
        return new JobBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withCompletionMode("Indexed")
                .withCompletions(spec.sharding().shards())
                .withParallelism(spec.sharding().parallelism())
                .withSuspend(spec.suspend() || Kueue.manages(metadata))
                .withBackoffLimitPerIndex(spec.failurePolicy().shardRetries())
                .withPodFailurePolicy(FailureRules.policy())
                // Kubernetes demands it beside a podFailurePolicy: a shard's next pod starts when the last one has
                // ended.
                .withPodReplacementPolicy("Failed")
                .withTemplate(RunnerPod.template(manifest, images))
                .endSpec()
                .build();
    }

    /** Kueue's own labels and annotations come from the EmbeddingJob, where its users are used to writing them. */
    private static ObjectMeta metadata(EmbeddingJob manifest) {
        ObjectMeta job = Ownership.metadata(manifest, RunNames.of(manifest).job());
        return new ObjectMetaBuilder(job)
                .addToLabels(manifest.getSpec().template().labels())
                .addToLabels(Kueue.of(manifest.getMetadata().getLabels()))
                .addToAnnotations(Kueue.of(manifest.getMetadata().getAnnotations()))
                .build();
    }
}
