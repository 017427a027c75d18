package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.operator.config.RunnerImages;
import io.embeddingoperator.operator.desired.EndpointAutoscaler;
import io.embeddingoperator.operator.desired.EndpointDeployment;
import io.embeddingoperator.operator.desired.EndpointDisruptionBudget;
import io.embeddingoperator.operator.desired.EndpointService;
import io.embeddingoperator.operator.desired.ServedModel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/**
 * Applies what an endpoint consists of. In each pass all of it, by server-side apply, which changes nothing where nothing differs:
 * what another client changed or deleted comes back.
 */
final class EndpointActions {
    private final KubernetesClient client;
    private final RunnerImages images;
    private final EndpointInformers informers;

    EndpointActions(KubernetesClient client, RunnerImages images, EndpointInformers informers) {
        this.client = client;
        this.images = images;
        this.informers = informers;
    }

    /**
     * Brings the objects of an endpoint to what its manifest says.
     *
     * @return its Deployment as it is after that
     * @throws BlockedException when Kubernetes does not allow it now
     * @throws io.embeddingoperator.operator.desired.SpecificationProblem when the manifest has to be edited first
     */
    Deployment apply(EmbeddingEndpoint endpoint, ServedModel model) {
        Deployment deployment = apply(EndpointDeployment.desired(endpoint, model, images), endpoint);
        apply(EndpointService.desired(endpoint), endpoint);
        apply(EndpointDisruptionBudget.desired(endpoint), endpoint);
        EndpointAutoscaler.desired(endpoint)
                .ifPresentOrElse(
                        autoscaler -> apply(autoscaler, endpoint),
                        () -> informers
                                .autoscaler(endpoint)
                                .ifPresent(former -> client.resource(former).delete()));
        return deployment;
    }

    /** An apply takes over what it meets: before the first one the name must be free. */
    private <R extends HasMetadata> R apply(R desired, EmbeddingEndpoint endpoint) {
        if (!informers.has(endpoint, desired)) {
            R present = client.resource(desired).get();
            if (present != null) {
                ForeignObject.refuse(present, endpoint);
            }
        }
        try {
            return client.resource(desired).patch(Patches.WHOLE);
        } catch (KubernetesClientException e) {
            throw Refusal.of(e, desired);
        }
    }
}
