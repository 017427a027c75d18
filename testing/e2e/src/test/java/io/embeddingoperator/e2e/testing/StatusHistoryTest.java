package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.ShardCounts;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StatusHistoryTest {
    @Test
    void findsNothingWrongWithARunThatGoesOn() {
        assertThat(StatusHistory.setbacks(running(256, 25), running(512, 50))).isEmpty();
        assertThat(StatusHistory.setbacks(running(512, 50), complete(1000))).isEmpty();
        assertThat(StatusHistory.lies(running(512, 50))).isEmpty();
        assertThat(StatusHistory.lies(complete(1000))).isEmpty();
    }

    @Test
    void findsNumbersThatGoBack() {
        assertThat(StatusHistory.setbacks(running(512, 50), running(256, 25)))
                .contains("embedded went from 512 to 256", "percent went from 50 to 25");
    }

    @Test
    void findsACompletionThatIsTakenBack() {
        assertThat(StatusHistory.setbacks(complete(1000), running(1000, 99))).contains("Complete was taken back");
    }

    @Test
    void findsACompletionThatIsNone() {
        assertThat(StatusHistory.lies(complete(999))).containsExactly("complete with 999 documents of 1000");
    }

    @Test
    void findsDocumentsThatAreCountedTwice() {
        assertThat(StatusHistory.lies(running(1001, 99))).containsExactly("1001 documents of 1000 are through");
    }

    @Test
    void aStatusFromBeforeTheJobWasSeenHasNoShards() {
        assertThat(StatusHistory.setbacks(unseen(), running(0, 0))).isEmpty();
        assertThat(StatusHistory.setbacks(running(0, 0), unseen()))
                .containsExactly("succeeded shards went from 0 to null");
    }

    @Test
    void shardsStartAgainOnlyWithTheirJob() {
        assertThat(StatusHistory.setbacks(shards("Restarting", 4, 1), shards("Pending", 0, 1)))
                .isEmpty();
        assertThat(StatusHistory.setbacks(shards("Running", 4, 1), shards("Pending", 0, 1)))
                .containsExactly("succeeded shards went from 4 to 0");
        assertThat(StatusHistory.setbacks(shards("Running", 4, 1), shards("Running", 4, null)))
                .containsExactly("restarts went from 1 to 0");
    }

    private static EmbeddingJobStatus unseen() {
        return status(0, 0, "False", null);
    }

    private static EmbeddingJobStatus running(long embedded, int percent) {
        return status(embedded, percent, "False");
    }

    private static EmbeddingJobStatus complete(long embedded) {
        return status(embedded, 100, "True");
    }

    private static EmbeddingJobStatus status(long embedded, int percent, String complete) {
        return status(embedded, percent, complete, new ShardCounts(4, 2, 0, 0));
    }

    private static EmbeddingJobStatus shards(String word, int succeeded, Integer restarts) {
        return status(1000, 99, "False", new ShardCounts(4, 0, succeeded, 0), word, restarts);
    }

    private static EmbeddingJobStatus status(long embedded, int percent, String complete, ShardCounts shards) {
        return status(embedded, percent, complete, shards, "Running", null);
    }

    private static EmbeddingJobStatus status(
            long embedded, int percent, String complete, ShardCounts shards, String word, Integer restarts) {
        return new EmbeddingJobStatus(
                1L,
                Stream.of("Ready", "Complete", "Failed")
                        .map(type -> condition(type, type.equals("Failed") ? "False" : complete, word))
                        .toList(),
                1,
                1,
                "2026-01-01T00:00:00Z",
                null,
                null,
                new DocumentCounts(1000L, embedded, 0L, 0L, percent),
                embedded,
                null,
                null,
                embedded,
                null,
                null,
                null,
                shards,
                null,
                List.of(),
                restarts,
                null,
                null);
    }

    private static Condition condition(String type, String status, String reason) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .build();
    }
}
