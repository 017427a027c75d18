package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutagePatienceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final AtomicLong clock = new AtomicLong();
    private final Outage outage = new Outage(
            ConnectionUri.parse("EMBEDDING_SINK_URI", "postgresql://u@localhost/wiki"), PATIENCE, clock::get);

    @Test
    void shortAttemptsWearItOut() {
        Outage.Patience patience = outage.new Patience();

        fail(patience, Duration.ofMinutes(4));
        assertThat(patience.isOver()).isFalse();
        fail(patience, Duration.ofMinutes(4));

        assertThat(patience.isOver()).isTrue();
    }

    @Test
    void attemptThatWentWellForHoursRenewsIt() {
        Outage.Patience patience = outage.new Patience();

        fail(patience, Duration.ofHours(3));

        assertThat(patience.isOver()).isFalse();
    }

    @Test
    void attemptsThatHangEachTimeWearItOutInTheEnd() {
        Outage.Patience patience = outage.new Patience();
        int attempts = 0;

        while (!patience.isOver() && attempts < 100) {
            fail(patience, Duration.ofMinutes(7));
            attempts++;
        }

        assertThat(attempts).isEqualTo(4);
    }

    private void fail(Outage.Patience patience, Duration attempt) {
        clock.addAndGet(attempt.toNanos());
        patience.attemptFailed(attempt);
    }
}
