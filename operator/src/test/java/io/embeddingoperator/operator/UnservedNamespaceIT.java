package io.embeddingoperator.operator;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One of the watched namespaces was deleted, and with it the operator's rights there, on a real control plane. */
class UnservedNamespaceIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();
    private static final String USER = "operator-of-two-namespaces";
    private static final String GONE = "gone";

    /** Between two tries the informers wait half a minute at the most. */
    private static final Duration NEXT_TRY = Duration.ofMinutes(2);

    private final String namespace = CLUSTER.newNamespace();

    @Test
    void theOthersAreServedAndItIsOnceItIsBack() {
        // given rights in one of two namespaces
        giveRights(namespace);
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put(OperatorVariable.WATCH_NAMESPACES, namespace + "," + GONE);

        // when
        try (TestingOperator operator = TestingOperator.start(user(), environment)) {
            // then it is served, and a roll-out goes on
            assertThat(operator.get("/readyz").statusCode()).isEqualTo(200);
            create(namespace);
            eventually(() -> assertThat(hasJob(namespace)).isTrue());

            // when the other is there
            CLIENT.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(GONE)
                            .endMetadata()
                            .build())
                    .create();
            giveRights(GONE);
            create(GONE);

            // then it is served too
            eventually(NEXT_TRY, () -> assertThat(hasJob(GONE)).isTrue());
            assertThat(operator.get("/healthz").statusCode()).isEqualTo(200);
            assertThat(operator.fatalErrors()).isEmpty();
        }
    }

    @Test
    void withoutAnyOtherItIsNotReady() {
        Map<String, String> environment = TestingOperator.environment(namespace);

        try (TestingOperator operator = TestingOperator.start(user(), environment)) {
            assertThat(operator.get("/readyz").statusCode()).isEqualTo(503);
            assertThat(operator.get("/readyz").body())
                    .contains("of namespace %s has not listed its objects yet".formatted(namespace));
            assertThat(operator.get("/healthz").statusCode()).isEqualTo(200);

            // when it gets its rights
            giveRights(namespace);

            eventually(
                    NEXT_TRY,
                    () -> assertThat(operator.get("/readyz").statusCode()).isEqualTo(200));
        }
    }

    @Test
    void nothingIsRunInANamespaceOfKubernetesItself() {
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put(OperatorVariable.WATCH_NAMESPACES, "");

        try (TestingOperator _ = TestingOperator.start(CLIENT.getConfiguration(), environment)) {
            create("kube-public");

            eventually(() -> assertThat(CLIENT.resources(EmbeddingJob.class)
                            .inNamespace("kube-public")
                            .withName("wiki")
                            .get()
                            .getStatus()
                            .conditions())
                    .anySatisfy(condition -> assertThat(condition.getMessage())
                            .isEqualTo(
                                    "namespace kube-public belongs to Kubernetes itself, and no EmbeddingJob runs there:"
                                            + " create it in another one")));
            assertThat(hasJob("kube-public")).isFalse();
        } finally {
            CLIENT.resources(EmbeddingJob.class)
                    .inNamespace("kube-public")
                    .withName("wiki")
                    .delete();
        }
    }

    private static Config user() {
        return new ConfigBuilder(CLIENT.getConfiguration())
                .withImpersonateUsername(USER)
                .build();
    }

    private static void giveRights(String namespace) {
        CLIENT.resource("""
                        apiVersion: rbac.authorization.k8s.io/v1
                        kind: RoleBinding
                        metadata: {name: %1$s, namespace: %2$s}
                        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
                        subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %1$s}]
                        """.formatted(USER, namespace)).create();
    }

    private static void create(String namespace) {
        EmbeddingJob manifest = TestingManifest.wiki("{metadata: {uid: null, generation: null}}");
        manifest.getMetadata().setNamespace(namespace);
        CLIENT.resource(manifest).create();
    }

    private static boolean hasJob(String namespace) {
        return CLIENT.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName("wiki-1")
                        .get()
                != null;
    }
}
