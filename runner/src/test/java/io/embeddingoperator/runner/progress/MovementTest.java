package io.embeddingoperator.runner.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MovementTest {
    private final AtomicLong clock = new AtomicLong();
    private final Activities activities = new Activities(clock::get);
    private final Movement movement = new Movement(activities, clock::get);

    @Test
    void whatIsWaitedForIsToldOnceNothingHasMovedForAWhile() {
        try (Activity committing = activities.begin("Committing a window")) {
            committing.explainedBy(() -> Optional.of("it waits for a lock of process 4711"));
            pass(29);
            assertThat(movement.missing()).isEmpty();

            pass(1);
            assertThat(movement.missing())
                    .contains(new Progress.Waiting(
                            Progress.Waiting.Reason.Stalled,
                            "Committing a window has taken 30 s so far: it waits for a lock of process 4711",
                            null));
        }
    }

    @Test
    void aLogTellsItAtOnceAndThenEveryHalfMinute() {
        pass(10);
        try (Activity _ = activities.begin("Preparing the sink")) {
            pass(29);
            assertThat(movement.news()).isEmpty();
            pass(1);
            assertThat(movement.news()).isPresent();
            pass(29);
            assertThat(movement.news()).isEmpty();
            pass(1);
            assertThat(movement.news()).isPresent();
        }
    }

    @Test
    void longStatementBesideOthersThatMoveIsNoStandstill() {
        try (Activity _ = activities.begin("Reading public.articles")) {
            pass(60);
            movement.seen();
            pass(29);

            assertThat(movement.missing()).isEmpty();
        }
    }

    @Test
    void workOfManyShortStepsIsNoStandstill() {
        pass(100);
        try (Activity _ = activities.begin("Reading public.articles")) {
            pass(29);

            assertThat(movement.missing()).isEmpty();
        }
    }

    private void pass(long seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
