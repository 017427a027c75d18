package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import org.junit.jupiter.api.Test;

/** The operator serves one namespace, some, or all of them, and has no rights where it does not serve. */
class WatchedNamespacesIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void oneAndSomeAndAll() {
        TestingJob first = TestingJob.prepare(cluster, 60);
        TestingJob second = TestingJob.prepare(cluster, 60);
        TestingJob third = TestingJob.prepare(cluster, 60);
        try {
            // when one namespace is watched
            cluster.installOperator("watchNamespaces={%s}".formatted(first.namespace()));
            apply(second);
            apply(third);
            apply(first);

            // then its job runs, with rights there alone
            first.awaitComplete();
            assertLeftAlone(second);
            assertLeftAlone(third);
            assertThat(mayCreateJobs(first)).isEqualTo("yes");
            assertThat(mayCreateJobs(second)).startsWith("no");

            // when one more is watched
            cluster.installOperator("watchNamespaces={%s,%s}".formatted(first.namespace(), second.namespace()));

            // then the job that had been waiting there runs
            second.awaitComplete();
            assertLeftAlone(third);
            assertThat(mayCreateJobs(third)).startsWith("no");
        } finally {
            // when all are watched
            cluster.installOperator();
        }

        // then no namespace is left out, and nothing was done twice
        third.awaitComplete();
        for (TestingJob job : new TestingJob[] {first, second, third}) {
            job.assertEveryDocumentOnce();
            assertThat(job.eventsByReason()).containsEntry("Complete", 1L);
            assertThat(job.status().documents().embedded()).isEqualTo(60);
        }
    }

    private static void apply(TestingJob job) {
        job.apply(manifest -> manifest.replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1"));
    }

    private static void assertLeftAlone(TestingJob job) {
        assertThat(job.status()).isNull();
        assertThat(job.jobs()).isEmpty();
    }

    private String mayCreateJobs(TestingJob job) {
        return cluster.kubectl()
                .ask(
                        "auth",
                        "can-i",
                        "create",
                        "jobs.batch",
                        "--namespace",
                        job.namespace(),
                        "--as",
                        "system:serviceaccount:%s:embedding-operator".formatted(TestingCluster.OPERATOR_NAMESPACE))
                .text();
    }
}
