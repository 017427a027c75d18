package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestraintTest {
    private static final NextAction SCALE = new NextAction.Scale(5);

    private final TestingClock clock = new TestingClock();
    private final Restraint restraint = new Restraint(clock);
    private final EmbeddingJob manifest = TestingManifest.wiki();

    @Test
    void whatIsDoneAgainAndAgainWaitsTwiceAsLongEachTime() {
        assertThat(restraint.untilAllowed(SCALE, manifest)).isZero();
        assertThat(restraint.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(1));

        clock.advance(Duration.ofSeconds(1));
        assertThat(restraint.untilAllowed(SCALE, manifest)).isZero();
        assertThat(restraint.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void itIsDoneNowAndThenForEver() {
        for (int times = 0; times < 20; times++) {
            assertThat(restraint.untilAllowed(SCALE, manifest)).isZero();
            clock.advance(restraint.untilAllowed(SCALE, manifest));
        }

        assertThat(restraint.untilAllowed(SCALE, manifest)).isZero();
        assertThat(restraint.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void whatWasDoneLongAgoIsForgotten() {
        restraint.untilAllowed(SCALE, manifest);
        clock.advance(Duration.ofMinutes(10));

        assertThat(restraint.untilAllowed(SCALE, manifest)).isZero();
        assertThat(restraint.untilAllowed(SCALE, manifest)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void anythingElseWaitsForNothing() {
        restraint.untilAllowed(SCALE, manifest);

        assertThat(restraint.untilAllowed(new NextAction.Suspend(), manifest)).isZero();
        assertThat(restraint.untilAllowed(SCALE, TestingManifest.wiki("metadata: {generation: 2}")))
                .as("a person who edits the manifest again")
                .isZero();
        assertThat(restraint.untilAllowed(SCALE, TestingManifest.wiki("metadata: {uid: another}")))
                .isZero();
    }

    @Test
    void whatIsCreatedOrDeletedIsNeverHeldBack() {
        restraint.untilAllowed(new NextAction.CreateRun(), manifest);

        assertThat(restraint.untilAllowed(new NextAction.CreateRun(), manifest)).isZero();
    }
}
