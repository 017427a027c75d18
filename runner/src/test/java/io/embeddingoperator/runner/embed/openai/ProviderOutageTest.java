package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProviderOutageTest {
    private static final OpenAiFailure GOAWAY = new OpenAiFailure.NetworkTrouble(false, "the stream was closed");

    private final AtomicLong clock = new AtomicLong();
    private final ProviderOutage outage = new ProviderOutage(Duration.ofMinutes(10), clock::get);

    @Test
    void connectionsThatAreEndedAgainAndAgainAreToldOnceAMinute() {
        int told = 0;
        for (int second = 0; second < 150; second++) {
            told += outage.seen(GOAWAY) ? 1 : 0;
            outage.over();
            pass(1);
        }

        assertThat(told).isEqualTo(3);
    }

    @Test
    void anOutageIsToldAtOnceAndOnce() {
        assertThat(outage.seen(GOAWAY)).isTrue();
        pass(30);
        assertThat(outage.seen(GOAWAY)).isFalse();
        assertThat(outage.waiting()).isPresent();
    }

    @Test
    void anOutageSoonAfterAMomentOfTroubleIsToldAsSoonAsItLasts() {
        // given
        outage.seen(GOAWAY);
        outage.over();

        // when, then
        assertThat(outage.seen(GOAWAY)).isFalse();
        pass(11);
        assertThat(outage.seen(GOAWAY)).isTrue();
        assertThat(outage.seen(GOAWAY)).isFalse();
        pass(590);
        assertThat(outage.isTooLong()).isTrue();
    }

    private void pass(int seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
