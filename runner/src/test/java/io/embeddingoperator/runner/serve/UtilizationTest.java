package io.embeddingoperator.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class UtilizationTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void workersThatAlwaysWorkAreWhollyUsed() {
        // given
        Utilization utilization = new Utilization(2, 0);

        // when
        for (int second = 0; second < 100; second++) {
            utilization.worked(SECOND, second * SECOND);
            utilization.worked(SECOND, second * SECOND);
        }

        // then
        assertThat(utilization.ratio(99 * SECOND)).isEqualTo(1);
    }

    @Test
    void oneOfTwoIsHalf() {
        // given
        Utilization utilization = new Utilization(2, 0);

        // when
        for (int second = 0; second < 100; second++) {
            utilization.worked(SECOND, second * SECOND);
        }

        // then
        assertThat(utilization.ratio(99 * SECOND)).isEqualTo(0.5, within(0.01));
    }

    @Test
    void whatIsLongAgoIsForgotten() {
        // given
        Utilization utilization = new Utilization(1, 0);
        utilization.worked(SECOND, SECOND);

        // then
        assertThat(utilization.ratio(2 * SECOND)).isPositive();
        assertThat(utilization.ratio(60 * SECOND)).isZero();
    }
}
