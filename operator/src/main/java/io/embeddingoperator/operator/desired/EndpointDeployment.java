package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointSpec;
import io.embeddingoperator.api.v1alpha1.EndpointScaling;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;

/**
 * The pods of an endpoint. A newer one is ready before an older one goes, so that an update costs no request; a pod that cannot
 * start, as when its model is not the one that filled the table, leaves the older ones at work.
 */
public final class EndpointDeployment {
    /** A model of some gigabytes is downloaded and opened within this time. */
    private static final int PROGRESS_SECONDS = 900;

    private static final int KEPT_REVISIONS = 2;

    private EndpointDeployment() {}

    /** @throws SpecificationProblem when the manifest makes no sound pod */
    public static Deployment desired(EmbeddingEndpoint endpoint, ServedModel model, RunnerImages images) {
        return new DeploymentBuilder()
                .withMetadata(
                        Ownership.metadata(endpoint, endpoint.getMetadata().getName(), EndpointLabels.of(endpoint)))
                .withNewSpec()
                .withReplicas(replicas(endpoint.getSpec()))
                .withProgressDeadlineSeconds(PROGRESS_SECONDS)
                .withRevisionHistoryLimit(KEPT_REVISIONS)
                .withNewSelector()
                .withMatchLabels(EndpointLabels.of(endpoint))
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString(0))
                .withMaxSurge(new IntOrString("25%"))
                .endRollingUpdate()
                .endStrategy()
                .withTemplate(EndpointPod.template(endpoint, model, images))
                .endSpec()
                .build();
    }

    /** What was asked for last, within the bounds of the manifest; 0 is kept, as it stops an endpoint. */
    public static int replicas(EmbeddingEndpointSpec spec) {
        EndpointScaling scaling = spec.scaling();
        if (spec.replicas() == 0) {
            return 0;
        }
        int atLeast = Math.max(spec.replicas(), scaling.minReplicas());
        return scaling.maxReplicas() == null ? atLeast : Math.min(atLeast, scaling.maxReplicas());
    }
}
