package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StatusCadenceTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private final StatusCadence cadence = new StatusCadence(Duration.ofSeconds(5));

    @Test
    void numbersOfANewJobAreWrittenAtOnce() {
        assertThat(cadence.delay("a", NOON, Duration.ZERO)).isZero();
    }

    @Test
    void numbersWaitForTheRestOfTheInterval() {
        cadence.written("a", NOON);

        assertThat(cadence.delay("a", NOON.plusSeconds(2), Duration.ZERO)).isEqualTo(Duration.ofSeconds(3));
        assertThat(cadence.delay("a", NOON.plusSeconds(5), Duration.ZERO)).isZero();
        assertThat(cadence.delay("a", NOON.plusSeconds(60), Duration.ZERO)).isZero();
        assertThat(cadence.delay("b", NOON.plusSeconds(2), Duration.ZERO)).isZero();
    }

    @Test
    void aSecondWriteStartsTheIntervalAgain() {
        cadence.written("a", NOON);
        cadence.written("b", NOON.plusSeconds(1));
        cadence.written("a", NOON.plusSeconds(4));

        assertThat(cadence.delay("a", NOON.plusSeconds(5), Duration.ZERO)).isEqualTo(Duration.ofSeconds(4));
        assertThat(cadence.delay("b", NOON.plusSeconds(5), Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void numbersWhoseTurnItIsWaitForNewerOnes() {
        cadence.written("a", NOON);

        assertThat(cadence.delay("a", NOON.plusSeconds(4), Duration.ofSeconds(2)))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(cadence.delay("a", NOON.plusSeconds(5), Duration.ofSeconds(2)))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(cadence.delay("a", NOON.plusSeconds(6), Duration.ofSeconds(2)))
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void newerNumbersThatNeverComeAreNotWaitedForWithoutEnd() {
        // given runners that are asked again at every pass, and say nothing new
        cadence.written("a", NOON);
        cadence.delay("a", NOON.plusSeconds(5), Duration.ofSeconds(2));

        assertThat(cadence.delay("a", NOON.plusSeconds(7), Duration.ofSeconds(2)))
                .isZero();

        // and once it is written, the next ones wait again
        cadence.written("a", NOON.plusSeconds(7));
        assertThat(cadence.delay("a", NOON.plusSeconds(12), Duration.ofSeconds(2)))
                .isEqualTo(Duration.ofSeconds(2));
    }
}
