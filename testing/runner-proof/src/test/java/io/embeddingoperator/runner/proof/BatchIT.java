package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingBatchJob;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the packaged application through batches. */
class BatchIT {
    private static final int DOCUMENTS = 400;

    @TempDir
    private Path folder;

    @Test
    void everyDocumentGoesThroughABatch() {
        try (TestingBatchJob job =
                TestingBatchJob.quick(folder).documents(DOCUMENTS).shards(2)) {
            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(2);
            assertThat(job.database().counter("vectors", "embedded")).isEqualTo(DOCUMENTS);

            // and when nothing has changed
            job.runToTheEnd();

            // then
            assertThat(job.simulator().batches()).hasSize(2);
        }
    }

    @Test
    void autoUsesRequestsForFewDocumentsAndBatchesForMany() {
        try (TestingBatchJob job = TestingBatchJob.quick(folder)
                .documents(DOCUMENTS)
                .mode("Auto")
                .with("spec.embedder.openai.batchThreshold", DOCUMENTS)) {
            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).isEmpty();

            // and when
            job.database().execute("UPDATE documents SET body = replace(body, 'document', 'essay')");
            job.with("spec.embedder.openai.batchThreshold", DOCUMENTS - 1).runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @Test
    void aDocumentThatIsTooLargeForALineIsEmbeddedByRequests() {
        try (TestingBatchJob job = TestingBatchJob.quick(folder).documents(20)) {
            // given a document of 2,049 chunks
            job.database()
                    .execute("INSERT INTO documents SELECT 21, string_agg("
                            + "'Sentence ' || s || ' of a very long document tells of water.', ' ' ORDER BY s)"
                            + " FROM generate_series(1, 2049) s");

            // when
            job.runToTheEnd();

            // then
            job.assertEmbeddedOnce(21);
            assertThat(job.database().number("SELECT count(*) FROM vectors WHERE id = 21"))
                    .isGreaterThan(2048);
            assertThat(job.simulator().batches()).hasSize(1);
        }
    }

    @Test
    void aRunPausesBeforeItsBudgetIsPassedAndGoesOnWithAnother() {
        try (TestingBatchJob job = TestingBatchJob.quick(folder)
                .documents(DOCUMENTS)
                .with("spec.budget", java.util.Map.of("maxCostUsd", "0.00001"))) {
            // when
            try (RunnerProcess runner = job.run().execute()) {
                // then
                assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(66);
                assertThat(runner.errors()).contains("spec.budget.maxCostUsd");
            }
            assertThat(job.simulator().batches()).isEmpty();

            // and when
            job.with("spec.budget", java.util.Map.of("maxCostUsd", "1.00")).runToTheEnd();

            // then
            job.assertEmbeddedOnce(DOCUMENTS);
        }
    }
}
