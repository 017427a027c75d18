package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javaoperatorsdk.operator.api.config.Cloner;

/**
 * Copies an EmbeddingJob from the cache for a pass of the reconciler. Spec and status are immutable values, so the copy shares them;
 * to write them as JSON and read them again, as the SDK does, would take a tenth of the operator's time.
 */
public final class EmbeddingJobCloner implements Cloner {
    private final KubernetesSerialization serialization;

    /** @param serialization for all other objects */
    public EmbeddingJobCloner(KubernetesSerialization serialization) {
        this.serialization = serialization;
    }

    @Override
    public <R extends HasMetadata> R clone(R object) {
        return object instanceof EmbeddingJob job ? sameType(object, copy(job)) : serialization.clone(object);
    }

    private static EmbeddingJob copy(EmbeddingJob job) {
        EmbeddingJob copy = new EmbeddingJob();
        copy.setMetadata(new ObjectMetaBuilder(job.getMetadata()).build());
        copy.setSpec(job.getSpec());
        copy.setStatus(job.getStatus());
        return copy;
    }

    @SuppressWarnings("unchecked")
    private static <R extends HasMetadata> R sameType(R original, EmbeddingJob copy) {
        return (R) original.getClass().cast(copy);
    }
}
