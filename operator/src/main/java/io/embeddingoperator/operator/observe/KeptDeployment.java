package io.embeddingoperator.operator.observe;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;

/** What is kept of a Deployment: who owns it and how far it is. What its pods are made of is applied anew in each pass. */
final class KeptDeployment {
    private KeptDeployment() {}

    static Deployment of(Deployment read) {
        ObjectMeta metadata = KeptMetadata.ofEndpointChild(read.getMetadata());
        return new DeploymentBuilder()
                .withMetadata(metadata)
                .withStatus(metadata.getOwnerReferences().isEmpty() ? null : read.getStatus())
                .build();
    }
}
