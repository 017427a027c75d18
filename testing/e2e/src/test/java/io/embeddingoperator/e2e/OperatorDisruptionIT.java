package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The operator is killed in mid-run; what it knew is in the cluster. */
class OperatorDisruptionIT {
    private static final String NAME = "embedding-operator";

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void aNewOperatorGoesOnWhereTheKilledOneWas() {
        try (DisruptedJob run =
                DisruptedJob.start(cluster, manifest -> manifest.replace("parallelism: 2", "parallelism: 1"))) {
            run.awaitFirstWindow();

            // when it is killed, and its user wants something while it is away; the run must not be over before it is
            // back
            try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
                run.disrupt(() -> cluster.kill(operators().getFirst()));
                run.job().patch("{\"spec\": {\"sharding\": {\"parallelism\": 2}}}");

                // then the container that is started in its place does it
                run.job().await("two shards at a time", job -> parallelism(job.namespace()) == 2);
            }

            // and when the Deployment is restarted
            run.disrupt(() -> cluster.kubectl()
                    .run("rollout", "restart", "deployment", NAME, "-n", TestingCluster.OPERATOR_NAMESPACE));

            // then
            run.assertUnharmed();
        }
    }

    @Test
    void oneOfTwoOperatorsWorksAndTheOtherTakesOver() {
        // given
        cluster.installOperator("replicas=2");
        try (DisruptedJob run = DisruptedJob.start(
                cluster, manifest -> manifest.replace("{shards: 4, parallelism: 2}", "{shards: 2, parallelism: 2}"))) {
            run.job().await("both shards", job -> job.runningPods().size() == 2);
            run.awaitFirstWindow();
            String leader = leader();
            String standby = operators().stream()
                    .map(pod -> pod.getMetadata().getName())
                    .filter(pod -> !leader.startsWith(pod))
                    .findFirst()
                    .orElseThrow();
            assertThat(run.job().events()).isNotEmpty().allMatch(event -> isFrom(event, leader));

            // when the leader is killed, and nothing but the other can take its place
            cluster.kubectl().run("cordon", TestingCluster.FIRST_NODE);
            run.disrupt(() -> delete(leader));
            run.job().await("the other to lead", _ -> leader().startsWith(standby));
            cluster.kubectl().run("uncordon", TestingCluster.FIRST_NODE);

            // then
            run.assertUnharmed();
            assertThat(run.job().events().getLast()).matches(event -> isFrom(event, leader()));
        } finally {
            cluster.installOperator();
        }
    }

    private List<Pod> operators() {
        return cluster
                .client()
                .pods()
                .inNamespace(TestingCluster.OPERATOR_NAMESPACE)
                .withLabel("app.kubernetes.io/name", NAME)
                .list()
                .getItems()
                .stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** The name of its pod, and a part that is another one after each start. */
    private String leader() {
        Lease lease = cluster.client()
                .leases()
                .inNamespace(TestingCluster.OPERATOR_NAMESPACE)
                .withName(NAME)
                .get();
        return String.valueOf(lease.getSpec().getHolderIdentity());
    }

    private static boolean isFrom(Event event, String operator) {
        return operator.equals(event.getReportingInstance());
    }

    private void delete(String leader) {
        cluster.kubectl()
                .run(
                        "delete",
                        "pod",
                        leader.substring(0, leader.lastIndexOf('_')),
                        "-n",
                        TestingCluster.OPERATOR_NAMESPACE,
                        "--force",
                        "--grace-period=0");
    }

    private int parallelism(String namespace) {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .list()
                .getItems()
                .getFirst()
                .getSpec()
                .getParallelism();
    }
}
