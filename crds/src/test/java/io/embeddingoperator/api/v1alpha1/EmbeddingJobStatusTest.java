package io.embeddingoperator.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RecallStatus;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddingJobStatusTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void leavesOutWhatIsNotKnownYet() throws JsonProcessingException {
        var status = new EmbeddingJobStatus(
                3L,
                null,
                1,
                20261130,
                null,
                null,
                null,
                new DocumentCounts(null, 5L, 0L, 0L, 10),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);

        String json = JSON.writeValueAsString(status);

        assertThat(JSON.readTree(json)).isEqualTo(JSON.readTree("""
                {
                  "observedGeneration": 3,
                  "run": 1,
                  "runNonce": 20261130,
                  "documents": {"embedded": 5, "skipped": 0, "failed": 0, "percent": 10}
                }
                """));
        assertThat(JSON.readValue(json, EmbeddingJobStatus.class)).isEqualTo(status);
    }

    @Test
    void carriesConditionsAndTheFirstFailures() throws JsonProcessingException {
        var ready = new ConditionBuilder()
                .withType("Ready")
                .withStatus("False")
                .withReason("SecretMissing")
                .withMessage("Secret vectors has no key uri: create it")
                .withLastTransitionTime("2026-11-20T21:00:00Z")
                .withObservedGeneration(3L)
                .build();
        var failed = new FailedDocumentStatus("42", "the text is empty");
        var status = new EmbeddingJobStatus(
                3L,
                List.of(ready),
                1,
                1,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "0.42",
                "0.40",
                null,
                null,
                List.of(failed),
                null,
                null,
                new RecallStatus(0.984, 80, 0.941, 40, 0.95, 100, "2026-11-20T21:00:00Z"));

        var read = JSON.readValue(JSON.writeValueAsString(status), EmbeddingJobStatus.class);

        assertThat(read).isEqualTo(status);
        assertThat(read.conditions()).containsExactly(ready);
        assertThat(read.failedDocuments()).containsExactly(failed);
    }
}
