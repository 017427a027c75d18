package io.embeddingoperator.bench.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few of the benchmark's scenarios with another seed: time is simulated, so what is asserted depends on no machine. */
class SimulationTest {
    private static final long SEED = 2_026;

    static Stream<Scenario> scenarios() {
        return Stream.of(
                Scenarios.halvedAndDoubled(1),
                Scenarios.halvedAndDoubled(8),
                Scenarios.halvedAndDoubled(64),
                Scenarios.bound(8).stream()
                        .filter(Scenario::hasLatecomers)
                        .findFirst()
                        .orElseThrow());
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void runnersKeepTheBounds(Scenario scenario) {
        Outcome outcome = new Outcome(scenario, List.of(Simulation.run(scenario, GovernedClient::new, SEED)));

        assertThat(outcome.verdict()).as(outcome.cells()).isEqualTo("PASS");
    }

    @Test
    void retriesAloneDoNotKeepThem() {
        Scenario scenario = Scenarios.halvedAndDoubled(8);

        Outcome outcome = new Outcome(
                scenario,
                List.of(Simulation.run(
                        scenario,
                        (timeline, account, packing, process, random) -> new RetryingClient(
                                timeline, account, packing, process, RetryingClient.Rule.SDK, 4, 4_096, random),
                        SEED)));

        assertThat(outcome.verdict()).as(outcome.cells()).isEqualTo("FAIL");
        assertThat(outcome.refusedPerThousand()).isGreaterThan(500);
    }

    @Test
    void sameSeedGivesTheSameMinutes() {
        Scenario scenario = Scenarios.halvedAndDoubled(8);

        Recording once = Simulation.run(scenario, GovernedClient::new, SEED);
        Recording again = Simulation.run(scenario, GovernedClient::new, SEED);

        assertThat(again.sent()).isEqualTo(once.sent());
        assertThat(again.fairness(0, 600)).isEqualTo(once.fairness(0, 600));
        assertThat(again.tokenUse(0, 600)).isEqualTo(once.tokenUse(0, 600));
    }

    @Test
    void thingsHappenInTheirOrder() {
        Timeline timeline = new Timeline();
        StringBuilder happened = new StringBuilder();
        timeline.in(20, () -> happened.append("c"));
        timeline.in(10, () -> {
            happened.append("a");
            timeline.in(10, () -> happened.append("d"));
        });
        timeline.in(10, () -> happened.append("b"));
        timeline.in(Duration.ofSeconds(2).toNanos(), () -> happened.append("late"));

        timeline.run(Duration.ofSeconds(1));

        assertThat(happened).hasToString("abcd");
        assertThat(timeline.now()).isEqualTo(Duration.ofSeconds(1).toNanos());
    }
}
