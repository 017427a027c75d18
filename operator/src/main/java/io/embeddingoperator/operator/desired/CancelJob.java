package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;

/**
 * The short Job that cancels the batches of an EmbeddingJob that was deleted: a runner pod like the others, with another
 * command.
 *
 * <p>The EmbeddingJob does not own it. When a person deletes an EmbeddingJob in the foreground, Kubernetes deletes everything that the
 * EmbeddingJob owns first, and this Job has to exist until the end. The operator deletes it; where no operator runs any more, its
 * time to live ends it.
 */
public final class CancelJob {
    /** The uid of the EmbeddingJob: a newer one may have its name by now. */
    public static final String OWNER = ApiVersion.GROUP + "/uid";

    private static final int RETRIES = 3;
    private static final int SECONDS_AFTER_THE_END = 600;

    private CancelJob() {}

    /** A run's objects end in a number, so that this is the name of none of them. */
    public static String name(EmbeddingJob manifest) {
        return manifest.getMetadata().getName() + "-cancel";
    }

    /** Whether it is the Job of any EmbeddingJob that cancels batches. */
    public static boolean isOne(ObjectMeta job) {
        return job.getAnnotations() != null && job.getAnnotations().containsKey(OWNER);
    }

    public static boolean isOf(EmbeddingJob manifest, Job job) {
        return job.getMetadata().getAnnotations() != null
                && manifest.getMetadata()
                        .getUid()
                        .equals(job.getMetadata().getAnnotations().get(OWNER));
    }

    /**
     * As it is created: suspended, until the run's own pods are gone.
     *
     * @param limit how long it may take
     * @throws SpecificationProblem when the manifest makes no sound pod
     */
    public static Job desired(EmbeddingJob manifest, RunnerImages images, Duration limit) {
        return new JobBuilder()
                .withNewMetadata()
                .withNamespace(manifest.getMetadata().getNamespace())
                .withName(name(manifest))
                .withLabels(RunLabels.of(manifest))
                .addToAnnotations(OWNER, manifest.getMetadata().getUid())
                .endMetadata()
                .withNewSpec()
                .withSuspend(true)
                .withBackoffLimit(RETRIES)
                .withActiveDeadlineSeconds(limit.toSeconds())
                .withTtlSecondsAfterFinished(SECONDS_AFTER_THE_END)
                .withTemplate(RunnerPod.template(manifest, images, "cancel", name(manifest)))
                .endSpec()
                .build();
    }

    /** What its pod reads; it goes with the Job. */
    public static ConfigMap configMap(EmbeddingJob manifest, Job job) {
        return new ConfigMapBuilder(RunnerConfigMap.desired(manifest))
                .editMetadata()
                .withName(name(manifest))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(job.getApiVersion())
                        .withKind(job.getKind())
                        .withName(job.getMetadata().getName())
                        .withUid(job.getMetadata().getUid())
                        .build())
                .endMetadata()
                .build();
    }
}
