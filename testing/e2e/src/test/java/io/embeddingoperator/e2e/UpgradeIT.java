package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.EarlierRelease;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.embeddingoperator.e2e.testing.TestingJob;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Operator and runner are upgraded from the release before, and rolled back to it, in the middle of a run. The pods of the run keep
 * the runner that it began with, while a runner of the other release works on the same state.
 */
class UpgradeIT {
    private static final String EARLIER = ":" + EarlierRelease.TAG;

    private static TestingCluster cluster;

    @BeforeAll
    static void installTheEarlierRelease() {
        cluster = TestingCluster.withOperatorOf(EarlierRelease.ensure());
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void aRunGoesOnThroughAnUpgradeAndAnotherOneThroughTheRollBack() {
        try (DisruptedJob run = startInTheMiddle()) {
            assertThat(image(run.job())).endsWith(EARLIER);
            run.disrupt(cluster::installOperator);
            assertThat(operatorImage()).doesNotEndWith(EARLIER);

            // Runners of the release before do not say what the sink holds; the new operator asks one that does.
            completeBesideAnotherRelease(run);
            run.assertUnharmedAfterRestart(1);
        }

        // and the newer release's run goes on under the older operator, beside a run of the older runner
        try (DisruptedJob run = startInTheMiddle()) {
            assertThat(image(run.job())).doesNotEndWith(EARLIER);
            run.disrupt(cluster::rollBackOperator);
            assertThat(operatorImage()).endsWith(EARLIER);

            completeBesideAnotherRelease(run);
            run.assertUnharmed();
        }
    }

    private static DisruptedJob startInTheMiddle() {
        DisruptedJob run = DisruptedJob.start(cluster);
        run.awaitFirstWindow();
        return run;
    }

    /** The runner of the release that is installed now joins the state before the run of the other release is over. */
    private static void completeBesideAnotherRelease(DisruptedJob run) {
        TestingJob another = run.job().another();
        try (TestingDatabase.Hold _ = run.job().database().hold("documents")) {
            another.apply(manifest -> manifest.replace("public.vectors", "public.others")
                    .replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1"));
            // It cannot read the documents that are held, and so has no plan yet.
            another.await(
                    "a runner of the other release", job -> !job.runningPods().isEmpty());
            assertThat(image(another)).isNotEqualTo(image(run.job()));
        }

        run.job().awaitComplete();
        another.awaitComplete();
        another.assertEveryDocumentOnce("others");
    }

    private static String image(TestingJob job) {
        return job.pods().getFirst().getSpec().getContainers().getFirst().getImage();
    }

    private static String operatorImage() {
        return cluster.kubectl()
                .run(
                        "get",
                        "deployment",
                        "embedding-operator",
                        "-n",
                        TestingCluster.OPERATOR_NAMESPACE,
                        "-o",
                        "jsonpath={.spec.template.spec.containers[0].image}");
    }
}
