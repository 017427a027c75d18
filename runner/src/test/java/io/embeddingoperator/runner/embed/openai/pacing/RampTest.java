package io.embeddingoperator.runner.embed.openai.pacing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RampTest {
    private final Ramp ramp = new Ramp();

    @Test
    void whoSentForAMinuteGoesOnWithALittleLessThanWhatPassed() {
        // given a request a second for five minutes
        for (int second = 0; second < 300; second++) {
            ramp.sent(second, 1_000);
        }

        // when the last one is answered with slow_down
        ramp.met(299.5, 299, 1_000);

        // then
        assertThat(ramp.perMinute(299.5)).isCloseTo(0.9 * 59_000, within(1.0));
    }

    @Test
    void whoseVeryFirstRequestIsRefusedDoesNotCrawl() {
        // given
        ramp.sent(0, 600);

        // when
        ramp.met(0.3, 0, 600);

        // then
        assertThat(ramp.perMinute(0.3)).isCloseTo(1_000_000 / 64.0, within(1.0));
    }

    @Test
    void whatIsAllowedNeverGrowsByAnAnswer() {
        // given
        ramp.sent(0, 600);
        ramp.met(0.3, 0, 600);
        double before = ramp.perMinute(10);

        // when
        ramp.sent(10, 1_000_000);
        ramp.met(10.1, 10, 1_000_000);

        // then
        assertThat(ramp.perMinute(10.1)).isLessThanOrEqualTo(before * 1.001);
    }

    @Test
    void inAQuarterOfAnHourItGrowsByHalf() {
        // given
        ramp.sent(0, 600);
        ramp.met(0.3, 0, 600);

        // when
        double later = ramp.perMinute(0.3 + 15 * 60);

        // then
        assertThat(later).isCloseTo(1.5 * ramp.perMinute(0.3), within(1.0));
    }
}
