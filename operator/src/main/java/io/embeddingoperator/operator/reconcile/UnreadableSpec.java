package io.embeddingoperator.operator.reconcile;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Objects;

/** Why a spec was read as none, found out by reading it once more as it is. */
final class UnreadableSpec {
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private UnreadableSpec() {}

    static SpecificationProblem problem(HasMetadata manifest, Class<? extends Record> spec, KubernetesClient client) {
        return new SpecificationProblem(
                SpecificationProblem.Reason.InvalidSpecification,
                "this version of the operator cannot read the spec: %s".formatted(reason(manifest, spec, client)));
    }

    private static String reason(HasMetadata manifest, Class<? extends Record> type, KubernetesClient client) {
        GenericKubernetesResource raw = client.genericKubernetesResources(manifest.getApiVersion(), manifest.getKind())
                .inNamespace(manifest.getMetadata().getNamespace())
                .withName(manifest.getMetadata().getName())
                .get();
        Object spec = raw == null ? null : raw.getAdditionalProperties().get("spec");
        if (spec == null) {
            return "it is missing";
        }
        try {
            JSON.convertValue(spec, type);
            return "it changed while it was read";
        } catch (IllegalArgumentException e) {
            return Objects.requireNonNullElse(innermost(e).getMessage(), "it has another form");
        }
    }

    private static Throwable innermost(Throwable failure) {
        return failure.getCause() == null ? failure : innermost(failure.getCause());
    }
}
