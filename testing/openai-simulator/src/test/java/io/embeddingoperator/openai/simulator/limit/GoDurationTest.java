package io.embeddingoperator.openai.simulator.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.000999S, 0s",
        "PT0.002S, 2ms",
        "PT0.0269S, 26ms",
        "PT0.52248S, 522ms",
        "PT1S, 1s",
        "PT4.096S, 4.096s",
        "PT4.0999S, 4.099s",
        "PT8.64S, 8.64s",
        "PT59.5S, 59.5s",
        "PT1M, 1m0s",
        "PT6M, 6m0s",
        "PT7M12S, 7m12s",
        "PT1H, 1h0m0s",
        "PT23H59M51.36S, 23h59m51.36s",
        "PT24H, 24h0m0s"
    })
    void durationsArePrintedAsRecorded(Duration duration, String printed) {
        assertThat(GoDuration.format(duration)).isEqualTo(printed);
    }
}
