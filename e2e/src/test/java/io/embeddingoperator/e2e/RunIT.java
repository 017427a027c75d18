package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What every user does: helm install, kubectl apply, wait, and look. */
class RunIT {
    private static TestingCluster cluster;

    @BeforeAll
    static void installOperator() {
        cluster = TestingCluster.withOperator();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void embedsEveryDocumentOnceAndSaysSo() {
        TestingJob job = TestingJob.prepare(cluster, 2_000).apply();

        job.await("two shards at a time", seen -> seen.runningPods().size() == 2);
        job.awaitComplete();

        job.assertEveryDocumentOnce();
        assertThat(job.word()).isEqualTo("Complete");
        assertThat(job.status().documents().embedded()).isEqualTo(2_000);
        assertThat(job.status().documents().total()).isEqualTo(2_000);
        assertThat(job.status().documents().percent()).isEqualTo(100);
        assertThat(job.status().shards().succeeded()).isEqualTo(4);
        assertThat(cluster.kubectl().run("get", "ej", "-n", job.namespace()))
                .contains("STATUS", "Complete", "100", "2000");

        // and both tell what they did, and nobody's password
        assertThat(cluster.kubectl()
                        .run("logs", "-n", job.namespace(), "-l", "embedding-operator.io/job=proof", "--tail=-1"))
                .contains("port 8080 answers /progress")
                .doesNotContain(job.database().uri());
        assertThat(cluster.kubectl()
                        .run("logs", "-n", TestingCluster.OPERATOR_NAMESPACE, "deployment/embedding-operator"))
                .contains("created the Job proof-1")
                .doesNotContain(job.database().uri());
    }
}
