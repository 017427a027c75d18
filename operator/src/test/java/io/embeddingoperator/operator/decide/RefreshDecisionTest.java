package io.embeddingoperator.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RefreshDecisionTest {
    private static final Instant TEN = Instant.parse("2026-11-30T10:00:00Z");
    private static final String ENDED =
            "status: {run: 1, startTime: \"2026-11-30T09:05:00Z\", conditions: [{type: %s, status: \"True\"}]%s}\n";

    @Test
    void aRunStartsOnceItsTimeHasComeAndTheOneBeforeHasEnded() {
        EmbeddingJob manifest = manifest("{refresh: {schedule: 0 * * * *}}", ENDED.formatted("Complete", ""));

        assertThat(RefreshDecision.next(manifest)).contains(TEN);
        assertThat(RefreshDecision.isDue(manifest, TEN.minusSeconds(1))).isFalse();
        assertThat(RefreshDecision.isDue(manifest, TEN)).isTrue();
    }

    @Test
    void aRunThatFailedIsTriedAgainAtTheNextTime() {
        assertThat(RefreshDecision.isDue(
                        manifest("{refresh: {schedule: 0 * * * *}}", ENDED.formatted("Failed", "")), TEN))
                .isTrue();
    }

    @Test
    void noRunStartsBesideAnotherOne() {
        EmbeddingJob manifest = manifest(
                "{refresh: {schedule: 0 * * * *}}",
                "status: {run: 1, startTime: \"2026-11-30T09:05:00Z\", conditions: [{type: Complete, status: \"False\"}]}\n");

        assertThat(RefreshDecision.isDue(manifest, TEN.plusSeconds(7_200))).isFalse();
    }

    @Test
    void allTimesThatWereMissedAreOneRun() {
        EmbeddingJob manifest = manifest(
                "{refresh: {schedule: 0 * * * *}}",
                ENDED.formatted("Complete", ", refresh: {lastScheduleTime: \"2026-11-30T14:59:30Z\"}"));

        assertThat(RefreshDecision.isDue(manifest, Instant.parse("2026-11-30T14:59:59Z")))
                .isFalse();
        assertThat(RefreshDecision.isDue(manifest, Instant.parse("2026-11-30T15:00:00Z")))
                .isTrue();
    }

    @Test
    void nothingStartsByItselfWithoutAScheduleOrWhileSuspended() {
        String ended = ENDED.formatted("Complete", "");

        assertThat(RefreshDecision.next(manifest("{}", ended))).isEmpty();
        assertThat(RefreshDecision.next(manifest("{suspend: true, refresh: {schedule: 0 * * * *}}", ended)))
                .isEmpty();
        assertThat(RefreshDecision.isDue(manifest("{refresh: {schedule: 0 * * * *}}", ""), TEN))
                .isFalse();
    }

    private static EmbeddingJob manifest(String spec, String status) {
        return TestingManifest.wiki("spec: " + spec + "\n" + status);
    }
}
