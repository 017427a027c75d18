package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;

/** What ties a child object to its EmbeddingJob: Kubernetes deletes it with the EmbeddingJob, its only controller. */
final class Ownership {
    private Ownership() {}

    static ObjectMeta metadata(EmbeddingJob manifest, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(manifest.getMetadata().getNamespace())
                .withName(name)
                .withLabels(RunLabels.of(manifest))
                .withOwnerReferences(reference(manifest))
                .build();
    }

    private static OwnerReference reference(EmbeddingJob manifest) {
        return new OwnerReferenceBuilder()
                .withApiVersion(manifest.getApiVersion())
                .withKind(manifest.getKind())
                .withName(manifest.getMetadata().getName())
                .withUid(manifest.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }
}
