package io.embeddingoperator.operator;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two operators and one lease, on a real control plane. */
class LeadershipIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();

    private final String namespace = CLUSTER.newNamespace();

    @Test
    void oneWorksAndTheOtherTakesOver() {
        TestingOperator first = start();
        eventually(() -> assertThat(first.isLeading()).isTrue());
        try (TestingOperator second = start()) {
            // given a second operator that is ready and does nothing
            assertThat(second.get("/readyz").statusCode()).isEqualTo(200);
            create("one");
            eventually(() -> assertThat(hasJob("one")).isTrue());
            assertThat(second.isLeading()).isFalse();
            assertThat(second.get("/metrics").body()).contains("embedding_operator_status_writes_total 0.0");
            // It counts the jobs all the same: a sum over the replicas would count each job twice.
            eventually(() -> assertThat(second.get("/metrics").body())
                    .contains("embedding_operator_jobs{state=\"Pending\"} 1.0"));

            // when the first is stopped
            stop(first);

            // then the second takes over, and need not wait for the lease to run out
            eventually(
                    Duration.ofSeconds(10), () -> assertThat(second.isLeading()).isTrue());
            create("two");
            eventually(() -> assertThat(hasJob("two")).isTrue());
            assertThat(first.fatalErrors()).isEmpty();
        }
    }

    private static void stop(TestingOperator operator) {
        operator.close();
    }

    @Test
    void anOperatorThatLosesTheLeaseEnds() {
        try (TestingOperator operator = start()) {
            eventually(() -> assertThat(operator.isLeading()).isTrue());

            // when another holds the lease, which its holder may renew at the very same moment
            eventually(() -> CLIENT.leases()
                    .inNamespace(namespace)
                    .withName("embedding-operator")
                    .edit(lease -> {
                        lease.getSpec().setHolderIdentity("another");
                        lease.getSpec().setRenewTime(ZonedDateTime.now());
                        return lease;
                    }));

            eventually(() -> assertThat(operator.fatalErrors())
                    .singleElement()
                    .asString()
                    .contains("lost the lease embedding-operator"));
            assertThat(operator.isLeading()).isFalse();
        }
    }

    private TestingOperator start() {
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put(OperatorVariable.LEADER_ELECTION, "true");
        return TestingOperator.start(CLUSTER.controlPlane().kubeconfig(), environment);
    }

    private void create(String name) {
        EmbeddingJob manifest =
                TestingManifest.wiki("{metadata: {name: %s, uid: null, generation: null}}".formatted(name));
        manifest.getMetadata().setNamespace(namespace);
        CLIENT.resource(manifest).create();
    }

    private boolean hasJob(String name) {
        return CLIENT.batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName(name + "-1")
                        .get()
                != null;
    }
}
