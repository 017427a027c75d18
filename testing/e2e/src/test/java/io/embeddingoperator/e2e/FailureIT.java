package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import io.embeddingoperator.e2e.testing.PodHistory;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.e2e.testing.UndisturbedRun;
import org.junit.jupiter.api.Test;

/** A run that cannot end well ends with the reason, and another one does the rest once the reason is gone. */
class FailureIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void aTableThatIsNotThereFailsTheRunAtOnce() {
        TestingJob job = TestingJob.prepare(cluster, 200);
        job.database().execute("ALTER TABLE documents RENAME TO elsewhere");

        try (PodHistory pods = PodHistory.of(job)) {
            // when
            job.apply(manifest -> manifest.replace("parallelism: 2", "parallelism: 1"));

            // then Kubernetes does not try it again
            awaitFailed(job);
            assertThat(job.condition("Failed").getReason()).isEqualTo("BadSpecification");
            assertThat(job.condition("Failed").getMessage())
                    .contains("spec.source.postgres.table", "public.documents")
                    .endsWith("correct it, and change spec.runNonce to run again");
            assertThat(job.condition("Stalled").getStatus()).isEqualTo("True");
            assertThat(job.condition("Reconciling").getStatus()).isEqualTo("False");
            assertThat(job.word()).isEqualTo("Failed");
            assertThat(pods.all()).hasSize(1);
            assertThat(job.status().shards().active()).isZero();
            assertThat(job.status().completionTime()).isNotNull();
            assertThat(job.eventsByReason()).containsEntry("Failed", 1L).doesNotContainKey("Retrying");
        }

        // and when the table is back
        job.database().execute("ALTER TABLE elsewhere RENAME TO documents");
        job.patch("{\"spec\": {\"runNonce\": 2}}");
        job.await("run 2", seen -> seen.status().run() == 2);

        // then
        job.awaitComplete();
        assertThat(job.rows()).isEqualTo(UndisturbedRun.rows(200));
        assertThat(job.condition("Stalled").getStatus()).isEqualTo("False");
        assertThat(job.status().documents().embedded()).isEqualTo(200);
    }

    @Test
    void tooManyFailedDocumentsFailTheRunAfterEveryGoodOneIsThrough() {
        // given two documents that are too long for every runner
        TestingJob job = TestingJob.prepare(cluster, 200);
        job.database().execute("UPDATE documents SET body = repeat('flood ', 3 * 1024 * 1024) WHERE id IN (50, 150)");

        // when one of them may fail
        job.apply(
                manifest -> manifest.replace("shards: 4", "shards: 2") + "  failurePolicy: {maxFailedDocuments: 1}\n");

        // then
        awaitFailed(job);
        assertThat(job.condition("Failed").getReason()).isEqualTo("TooManyFailedDocuments");
        assertThat(job.condition("Failed").getMessage())
                .contains("2 documents failed, more than spec.failurePolicy.maxFailedDocuments (1) allows")
                .endsWith("correct or remove them, or raise the limit, and change spec.runNonce to run again");
        assertFailedDocuments(job);
        assertThat(job.storedDocuments()).isEqualTo(198);
        assertThat(job.eventsByReason())
                .containsEntry("DocumentFailed", 1L)
                .containsEntry("Failed", 1L)
                .doesNotContainKey("Retrying");

        // when both may
        job.patch("{\"spec\": {\"runNonce\": 2, \"failurePolicy\": {\"maxFailedDocuments\": 2}}}");
        job.await("run 2", seen -> seen.status().run() == 2);
        job.awaitComplete();

        // then the run says which failures it tolerated
        assertThat(job.sentence())
                .contains("2 failed (spec.failurePolicy.maxFailedDocuments allows 2;"
                        + " the reasons are in embedding_operator.failed_documents)");
        assertFailedDocuments(job);
        assertThat(job.status().documents().skipped()).isEqualTo(198);
        assertThat(job.storedDocuments()).isEqualTo(198);
    }

    private static void awaitFailed(TestingJob job) {
        job.await("Failed", seen -> "True".equals(seen.condition("Failed").getStatus()));
    }

    private static void assertFailedDocuments(TestingJob job) {
        assertThat(job.status().documents().failed()).isEqualTo(2);
        assertThat(job.status().documents().total()).isEqualTo(200);
        assertThat(job.status().failedDocuments())
                .extracting(FailedDocumentStatus::key)
                .containsExactlyInAnyOrder("50", "150");
        assertThat(job.status().failedDocuments())
                .extracting(FailedDocumentStatus::reason)
                .allMatch(reason -> reason.contains("bytes"));
    }
}
