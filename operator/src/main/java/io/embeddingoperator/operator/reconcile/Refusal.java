package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.operator.config.WatchedNamespaces;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;

/** What is refused, by the operator or by the API server, and what that means for a manifest. */
final class Refusal {
    private static final int UNPROCESSABLE = 422;

    private Refusal() {}

    /**
     * A {@link SpecificationProblem} where the object is wrong, a {@link BlockedException} where it is not allowed, the exception
     * itself where the API server is in trouble.
     */
    static RuntimeException of(KubernetesClientException refusal, HasMetadata refused) {
        return switch (refusal.getCode()) {
            case HttpURLConnection.HTTP_BAD_REQUEST, UNPROCESSABLE ->
                new SpecificationProblem(
                        SpecificationProblem.Reason.InvalidTemplate,
                        "Kubernetes refuses the %s that this manifest makes, look at spec.template: %s"
                                .formatted(refused.getKind(), sentence(refusal)));
            case HttpURLConnection.HTTP_FORBIDDEN ->
                new BlockedException("Kubernetes does not allow the %s %s, which is tried again: %s"
                        .formatted(refused.getKind(), refused.getMetadata().getName(), sentence(refusal)));
            default -> refusal;
        };
    }

    /** @throws SpecificationProblem in a namespace of Kubernetes itself, where nothing is run */
    static void checkNamespace(HasMetadata manifest) {
        String namespace = manifest.getMetadata().getNamespace();
        if (WatchedNamespaces.isSystem(namespace)) {
            throw new SpecificationProblem(
                    SpecificationProblem.Reason.InvalidSpecification,
                    "namespace %s belongs to Kubernetes itself, and no %s runs there: create it in another one"
                            .formatted(namespace, manifest.getKind()));
        }
    }

    /** Whether the API server refuses new objects because the namespace is being deleted. */
    static boolean isNamespaceGoing(KubernetesClientException refusal) {
        return refusal.getStatus() != null
                && refusal.getStatus().getDetails() != null
                && refusal.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    private static String sentence(KubernetesClientException refusal) {
        return Optional.ofNullable(refusal.getStatus())
                .map(status -> status.getMessage())
                .orElseGet(refusal::getMessage);
    }
}
