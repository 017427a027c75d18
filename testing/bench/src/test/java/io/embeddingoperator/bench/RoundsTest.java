package io.embeddingoperator.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
    @Test
    void comparesOnlyTimesOfTheSameRound() {
        Rounds rounds = new Rounds();
        rounds.add("fast", 1);
        rounds.add("slow", 3);
        rounds.add("fast", 10);
        rounds.add("slow", 20);
        rounds.add("fast", 2);
        rounds.add("slow", 5);

        Spread speedup = rounds.speedup("fast", "slow");

        assertThat(speedup).isEqualTo(new Spread(2, 2.5, 3));
    }

    @Test
    void countsWorkPerSecondInEachRound() {
        Rounds rounds = new Rounds();
        rounds.add("runner", 4);
        rounds.add("runner", 2);

        assertThat(rounds.perSecond("runner", 100)).isEqualTo(new Spread(25, 37.5, 50));
    }

    @Test
    void aPromiseIsKeptByTheMedianAndNotByTheBestRound() {
        Spread measured = Spread.of(List.of(0.5, 0.9, 4.0));

        assertThat(new Goal("twice as fast", 2, measured).met()).isFalse();
        assertThat(new Goal("nearly as fast", 0.9, measured).met()).isTrue();
    }

    @Test
    void aSpreadNeedsARound() {
        assertThatThrownBy(() -> Spread.of(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a spread of no values: measure at least one round");
    }

    @Test
    void vectorsOfDifferentDirectionAreNoticedAtEveryLength() {
        List<float[]> some = List.of(new float[] {1, 0}, new float[] {0, 2});

        assertThat(Agreement.leastCosine(some, List.of(new float[] {5, 0}, new float[] {0, 1})))
                .isEqualTo(1);
        assertThat(Agreement.leastCosine(some, List.of(new float[] {1, 0}, new float[] {1, 0})))
                .isEqualTo(0);
    }
}
