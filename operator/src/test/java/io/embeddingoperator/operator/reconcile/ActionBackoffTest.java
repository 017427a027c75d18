package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ActionBackoffTest {
    private static final NextAction SCALE = new NextAction.Scale(5);

    private final TestingClock clock = new TestingClock();
    private final ActionBackoff backoff = new ActionBackoff(clock);
    private final EmbeddingJob manifest = TestingManifest.wiki();

    @Test
    void eachRepetitionWaitsTwiceAsLong() {
        assertThat(backoff.untilAllowed(SCALE, manifest)).isZero();
        assertThat(backoff.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(1));

        clock.advance(Duration.ofSeconds(1));
        assertThat(backoff.untilAllowed(SCALE, manifest)).isZero();
        assertThat(backoff.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theOperatorNeverGivesUp() {
        for (int times = 0; times < 20; times++) {
            assertThat(backoff.untilAllowed(SCALE, manifest)).isZero();
            clock.advance(backoff.untilAllowed(SCALE, manifest));
        }

        assertThat(backoff.untilAllowed(SCALE, manifest)).isZero();
        assertThat(backoff.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void anAttemptOfLongAgoIsForgotten() {
        backoff.untilAllowed(SCALE, manifest);
        clock.advance(Duration.ofMinutes(10));

        assertThat(backoff.untilAllowed(SCALE, manifest)).isZero();
        assertThat(backoff.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void anotherChangeWaitsForNothing() {
        backoff.untilAllowed(SCALE, manifest);

        assertThat(backoff.untilAllowed(new NextAction.Suspend(), manifest)).isZero();
        assertThat(backoff.untilAllowed(SCALE, TestingManifest.wiki("metadata: {generation: 2}")))
                .as("a person who edits the manifest again")
                .isZero();
        assertThat(backoff.untilAllowed(SCALE, TestingManifest.wiki("metadata: {uid: another}")))
                .isZero();
    }

    @Test
    void aCreationOrDeletionIsNeverDelayed() {
        backoff.untilAllowed(new NextAction.CreateRun(), manifest);

        assertThat(backoff.untilAllowed(new NextAction.CreateRun(), manifest)).isZero();
    }
}
