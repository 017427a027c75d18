package io.embeddingoperator.runner.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ActivitiesTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final AtomicLong clock = new AtomicLong();
    private final Activities activities = new Activities(clock::get);

    @Test
    void whatTakesLongIsToldWithItsReasonUntilItIsOver() {
        try (Activity reading = activities.begin("Reading public.articles")) {
            reading.explainedBy(() -> Optional.of("it waits for a lock"));
            pass(29);
            assertThat(activities.longest(LONG)).isEmpty();

            pass(13);
            assertThat(activities.longest(LONG))
                    .map(Activity::sentence)
                    .contains("Reading public.articles has taken 42 s so far: it waits for a lock");
        }

        assertThat(activities.longest(LONG)).isEmpty();
    }

    @Test
    void innermostOfAThreadIsToldForTheOthersWaitForIt() {
        try (Activity _ = activities.begin("Opening the run")) {
            pass(100);
            try (Activity _ = activities.begin("Dividing public.articles into 8 shards")) {
                assertThat(activities.longest(LONG)).isEmpty();

                pass(40);
                assertThat(activities.longest(LONG))
                        .map(Activity::sentence)
                        .contains("Dividing public.articles into 8 shards has taken 40 s so far");
            }
        }
    }

    @Test
    void ofSeveralThreadsTheOneThatTakesLongestIsTold() throws InterruptedException {
        Thread other = Thread.ofVirtual().start(() -> activities.begin("Embedding 16 texts"));
        other.join();
        pass(10);
        try (Activity _ = activities.begin("Committing a window")) {
            pass(30);

            assertThat(activities.longest(LONG))
                    .map(Activity::sentence)
                    .contains("Embedding 16 texts has taken 40 s so far");
        }
    }

    private void pass(long seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
