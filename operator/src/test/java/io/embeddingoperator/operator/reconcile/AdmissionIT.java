package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.LabelledKind;
import io.embeddingoperator.operator.config.Tenancy;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The label by which objects are allowed, as a real API server tells of it. */
class AdmissionIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();

    private final String namespace = CLUSTER.newNamespace();
    private final Admission admission = new Admission(CLIENT, labelled(Set.of(LabelledKind.Secret)));

    @Test
    void aSecretIsUsedOnlyWithTheLabel() {
        secret("wiki-db", Map.of());
        EmbeddingJob manifest = manifest("{}");

        assertThatThrownBy(() -> admission.check(manifest))
                .isInstanceOf(BlockedException.class)
                .hasMessage(
                        "spec.source.postgres.connection.secretKeyRef.name names the Secret wiki-db, which EmbeddingJobs"
                                + " may not use: have the label embedding-operator.io/allow: \"true\" put on it, or name another one");

        secret("wiki-db", Map.of(Tenancy.LABEL, "true"));
        assertThatThrownBy(() -> admission.check(manifest))
                .hasMessage(
                        "spec.sink.pgvector.connection.secretKeyRef.name names the Secret vectors, which does not exist:"
                                + " create it with the label embedding-operator.io/allow: \"true\"");

        secret("vectors", Map.of(Tenancy.LABEL, "no"));
        assertThatThrownBy(() -> admission.check(manifest)).hasMessageContaining("may not use");

        secret("vectors", Map.of(Tenancy.LABEL, "true"));
        assertThatCode(() -> admission.check(manifest)).doesNotThrowAnyException();
    }

    @Test
    void nothingIsAskedWhereNoLabelIsNeeded() {
        assertThatCode(() -> new Admission(CLIENT, labelled(Set.of())).check(manifest("{}")))
                .doesNotThrowAnyException();
    }

    @Test
    void theDataOfASecretDoesNotReachTheOperator() {
        secret("wiki-db", Map.of());

        HttpResponse<String> answer = admission.ask(LabelledKind.Secret, namespace, "wiki-db");

        assertThat(answer.code()).isEqualTo(200);
        assertThat(answer.body())
                .contains("PartialObjectMetadata", "wiki-db")
                .doesNotContain("\"data\"", "cG9zdGdyZXNxbDovL21hcmtlcg");
    }

    @Test
    void aNameIsNoPathToAnotherObject() {
        secret("allowed", Map.of(Tenancy.LABEL, "true"));
        EmbeddingJob manifest =
                manifest("spec: {source: {postgres: {connection: {secretKeyRef: {name: \"allowed?x=\"}}}}}");

        assertThatThrownBy(() -> admission.check(manifest))
                .isInstanceOf(SpecificationProblem.class)
                .hasMessageStartingWith("spec.source.postgres.connection.secretKeyRef.name is allowed?x=: use a name");
    }

    private EmbeddingJob manifest(String patch) {
        EmbeddingJob manifest = TestingManifest.wiki(patch);
        manifest.getMetadata().setNamespace(namespace);
        return manifest;
    }

    private void secret(String name, Map<String, String> labels) {
        CLIENT.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .withStringData(Map.of("uri", "postgresql://marker"))
                        .build())
                .createOr(secret -> secret.update());
    }

    private static Tenancy labelled(Set<LabelledKind> kinds) {
        return new Tenancy(
                Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), List.of(), List.of(), List.of(), List.of(),
                kinds);
    }
}
