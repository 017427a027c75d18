package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.limit.GoDuration;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResetTimeTest {
    @ParameterizedTest
    @CsvSource({
        "0s, 0",
        "2ms, 2000000",
        "26ms, 26000000",
        "522ms, 522000000",
        "4.096s, 4096000000",
        "8.64s, 8640000000",
        "1s, 1000000000",
        "6m0s, 360000000000",
        "1h2m3.5s, 3723500000000",
        "2h, 7200000000000",
        "5m, 300000000000",
        "1h0m0.25s, 3600250000000",
        "1.5ms, 1500000",
        "250µs, 250000",
        "250μs, 250000",
        "250us, 250000",
        "7ns, 7",
        "' 1s ', 1000000000"
    })
    void readsDurationsAsGoPrintsThem(String text, long nanos) {
        assertThat(ResetTime.parse(text)).contains(new ResetTime(Duration.ofNanos(nanos), Duration.ofMillis(1)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1000", "0, 0", "59, 59000", "86400, 86400000"})
    void readsWholeSecondsAsWhatTheyAreWorth(String text, long millis) {
        assertThat(ResetTime.parse(text)).contains(new ResetTime(Duration.ofMillis(millis), Duration.ofSeconds(1)));
    }

    @Test
    void readsSecondsWithAFraction() {
        assertThat(ResetTime.parse("0.25")).contains(new ResetTime(Duration.ofMillis(250), Duration.ofMillis(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "s",
                "ms",
                "-1",
                "-1s",
                "+1s",
                "1 s",
                "1s1m",
                "1.s",
                ".5s",
                "1e3",
                "1d",
                "NaN",
                "Infinity",
                "0x10",
                "1,5s",
                "1s2ms",
                "soon",
                "9999999999999999999999h",
                "1.0000000000000000000000000000001s",
                "١s",
                "\u0000"
            })
    void passesOverWhatIsNone(String text) {
        assertThat(ResetTime.parse(text)).isEmpty();
    }

    @Test
    void passesOverNothing() {
        assertThat(ResetTime.parse(null)).isEqualTo(Optional.empty());
    }

    @Test
    void readsWhateverAServerPrintsToTheMillisecond() {
        Random random = new Random(1);

        for (int attempt = 0; attempt < 10_000; attempt++) {
            Duration duration = Duration.ofNanos((long) Math.exp(random.nextDouble() * 34));

            assertThat(ResetTime.parse(GoDuration.format(duration))
                            .orElseThrow()
                            .time())
                    .as("%s", duration)
                    .isEqualTo(Duration.ofMillis(duration.toMillis()));
        }
    }

    @Test
    void neverFails() {
        Random random = new Random(2);
        String alphabet = "0123456789.hmsnuµ -+eE/\n";

        for (int attempt = 0; attempt < 20_000; attempt++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }

            assertThat(ResetTime.parse(text.toString()).map(ResetTime::time).orElse(Duration.ZERO))
                    .isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }
}
