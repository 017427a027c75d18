package io.embeddingoperator.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LagsTest {
    @Test
    void aPercentileIsOneOfTheTimes() {
        Lags lags = Lags.of(IntStream.iterate(1000, i -> i > 0, i -> i - 1)
                .mapToObj(Duration::ofSeconds)
                .toList());

        assertThat(lags.percentile(50)).isEqualTo(Duration.ofSeconds(500));
        assertThat(lags.percentile(99)).isEqualTo(Duration.ofSeconds(990));
        assertThat(Lags.of(List.of(Duration.ofSeconds(7))).percentile(99)).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void noTimesHaveNone() {
        assertThatThrownBy(() -> Lags.of(List.of()).percentile(50))
                .hasMessage("nothing was seen: there is no percentile of no times");
    }
}
