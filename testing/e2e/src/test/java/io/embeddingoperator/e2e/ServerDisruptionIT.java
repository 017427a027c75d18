package io.embeddingoperator.e2e;

import io.embeddingoperator.e2e.testing.DisruptedJob;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import org.junit.jupiter.api.Test;

/** The servers that everything depends on go away in mid-run, and come back. */
class ServerDisruptionIT {
    /** Longer than the operator holds its lease without renewing it: it ends by itself and is started again. */
    private static final int AWAY_MILLIS = 15_000;

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void runnersGoOnWhileTheApiServerIsAwayAndTheOperatorCatchesUp() throws InterruptedException {
        try (DisruptedJob run = DisruptedJob.start(cluster)) {
            run.awaitFirstWindow();

            // when
            run.disrupt(cluster.controlPlane()::killApiServer);

            // then
            run.awaitMoreDocuments();

            // and when
            Thread.sleep(AWAY_MILLIS);
            cluster.controlPlane().restartApiServer();

            // then
            run.assertUnharmed();
        }
    }

    @Test
    void runnersWaitForADatabaseThatIsAwayAndGoOn() throws InterruptedException {
        try (DisruptedJob run = DisruptedJob.start(cluster)) {
            run.awaitFirstWindow();

            // when
            run.disrupt(TestingDatabase::stopServer);
            Thread.sleep(3_000);
            TestingDatabase.startServer();

            // then
            run.awaitMoreDocuments();

            // and when it crashes, and forgets what it had not written to its disk
            run.disrupt(TestingDatabase::crashServer);
            TestingDatabase.startServer();

            // then
            run.assertUnharmed();
        }
    }
}
