package io.embeddingoperator.operator.reconcile;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The API server crashes and comes back, in a cluster of this test's own. */
class ApiServerOutageIT {
    @Test
    void theOperatorGoesOnByItself() throws Exception {
        try (TestingCluster cluster = TestingCluster.start()) {
            String namespace = cluster.newNamespace();
            try (TestingOperator operator = TestingOperator.start(cluster, namespace)) {
                create(cluster, namespace, "before");
                eventually(
                        () -> assertThat(hasJob(cluster, namespace, "before")).isTrue());

                // when the API server is away for a while
                cluster.controlPlane().killApiServer();
                Thread.sleep(Duration.ofSeconds(10));

                // then the operator is alive, and a new start would not help
                assertThat(operator.get("/healthz").statusCode()).isEqualTo(200);

                // when it is back, so is the operator
                cluster.controlPlane().restartApiServer();
                create(cluster, namespace, "after");
                eventually(
                        Duration.ofMinutes(1),
                        () -> assertThat(hasJob(cluster, namespace, "after")).isTrue());
                assertThat(operator.fatalErrors()).isEmpty();
            }
        }
    }

    private static void create(TestingCluster cluster, String namespace, String name) {
        EmbeddingJob manifest =
                TestingManifest.wiki("{metadata: {name: %s, uid: null, generation: null}}".formatted(name));
        manifest.getMetadata().setNamespace(namespace);
        cluster.client().resource(manifest).create();
    }

    private static boolean hasJob(TestingCluster cluster, String namespace, String name) {
        return cluster.client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName(name + "-1")
                        .get()
                != null;
    }
}
