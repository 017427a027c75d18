package io.embeddingoperator.cluster.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.cluster.api.ManifestCases.Case;
import io.embeddingoperator.cluster.controlplane.TestingControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real API server judges the CRDs and every manifest of the table as the table says. */
class EmbeddingJobIT {
    private static final int LIMIT_SECONDS = 30;

    /** What the server adds to every manifest of the wrong form. */
    private static final String RULES_LEFT_OUT =
            "some validation rules were not checked because the object was invalid";

    private static final KubernetesClient CLIENT = TestingControlPlane.shared().client();
    private static final String NAMESPACE = TestingControlPlane.newNamespace();

    private static final Map<String, CustomResourceDefinition> CRDS = new HashMap<>();

    /** As the server stored them. */
    private static final Map<String, GenericKubernetesResource> VALID = new HashMap<>();

    @BeforeAll
    static void theCrdsAndTheValidManifests() {
        ManifestCases.CRDS.forEach((kind, file) -> {
            CustomResourceDefinition crd = CLIENT.apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .load(file.toFile())
                    .create();
            CLIENT.resource(crd)
                    .waitUntilCondition(seen -> isTrue(seen, "Established"), LIMIT_SECONDS, TimeUnit.SECONDS);
            CRDS.put(kind, crd);
        });
        for (String name : ManifestCases.validNames()) {
            VALID.put(name, resource(ManifestCases.valid(name)).create());
        }
    }

    private static boolean isTrue(CustomResourceDefinition crd, String condition) {
        return crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(seen -> seen.getType().equals(condition)
                                && seen.getStatus().equals("True"));
    }

    @Test
    void theCrdsAreAcceptedWithoutReserve() {
        assertThat(CRDS.values()).allSatisfy(crd -> {
            CustomResourceDefinition seen = CLIENT.resource(crd).get();

            assertThat(isTrue(seen, "NamesAccepted")).isTrue();
            assertThat(isTrue(seen, "NonStructuralSchema")).isFalse();
            assertThat(isTrue(seen, "KubernetesAPIApprovalPolicyConformant")).isFalse();
        });
    }

    @Test
    void everyFieldOfAValidManifestIsKept() {
        assertThat(VALID).hasSizeGreaterThan(1);
        for (String name : ManifestCases.validNames()) {
            JsonNode stored = ManifestCases.json(Serialization.asJson(VALID.get(name)));
            assertContains(
                    name + ".spec",
                    stored.path("spec"),
                    ManifestCases.valid(name).path("spec"));
        }
    }

    private static void assertContains(String path, JsonNode stored, JsonNode written) {
        if (written.isObject()) {
            written.properties()
                    .forEach(field ->
                            assertContains(path + "." + field.getKey(), stored.path(field.getKey()), field.getValue()));
        } else if (!written.isNull()) {
            assertThat(stored).as(path).isEqualTo(written);
        }
    }

    @ParameterizedTest
    @MethodSource("io.embeddingoperator.cluster.api.ManifestCases#refusals")
    void aManifestIsJudgedAsTheTableSays(Case refusal) {
        Resource<GenericKubernetesResource> manifest = resource(refusal.manifest());

        assertThat(answer(() -> manifest.dryRun().create())).containsExactlyInAnyOrderElementsOf(refusal.server());
    }

    @ParameterizedTest
    @MethodSource("io.embeddingoperator.cluster.api.ManifestCases#updates")
    void aChangeIsJudgedAsTheTableSays(Case change) {
        GenericKubernetesResource changed = parse(change.manifest());
        changed.setMetadata(VALID.get(change.of()).getMetadata());
        Resource<GenericKubernetesResource> manifest = resource(changed);

        assertThat(answer(() -> manifest.dryRun().update())).containsExactlyInAnyOrderElementsOf(change.server());
    }

    /** What the server finds wrong, field by field; nothing when it accepts. */
    private static List<String> answer(Runnable request) {
        try {
            request.run();
            return List.of();
        } catch (KubernetesClientException e) {
            if (e.getStatus() == null || e.getStatus().getDetails() == null) {
                throw e;
            }
            return e.getStatus().getDetails().getCauses().stream()
                    .filter(cause -> !cause.getMessage().contains(RULES_LEFT_OUT))
                    .map(cause -> cause.getField() + ": " + cause.getMessage())
                    .toList();
        }
    }

    private static Resource<GenericKubernetesResource> resource(JsonNode manifest) {
        return resource(parse(manifest));
    }

    private static Resource<GenericKubernetesResource> resource(GenericKubernetesResource manifest) {
        return CLIENT.genericKubernetesResources(CustomResourceDefinitionContext.fromCrd(CRDS.get(manifest.getKind())))
                .inNamespace(NAMESPACE)
                .resource(manifest);
    }

    private static GenericKubernetesResource parse(JsonNode manifest) {
        return Serialization.unmarshal(manifest.toString(), GenericKubernetesResource.class);
    }
}
