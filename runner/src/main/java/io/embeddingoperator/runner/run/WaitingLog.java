package io.embeddingoperator.runner.run;

import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.progress.Movement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what this process waits for, while a command has nothing else to show. */
final class WaitingLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WaitingLog.class);
    private static final int SECONDS_BETWEEN_LOOKS = 1;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("waiting").factory());

    private WaitingLog() {}

    /** @param state the start of each line, for example {@code not planned yet} */
    static WaitingLog begin(String state, Movement movement) {
        WaitingLog log = new WaitingLog();
        ScheduledFuture<?> _ = log.clock.scheduleAtFixedRate(
                () -> movement.news().ifPresent(waiting -> LOG.info("{}: {}", state, waiting.sentence())),
                SECONDS_BETWEEN_LOOKS,
                SECONDS_BETWEEN_LOOKS,
                TimeUnit.SECONDS);
        return log;
    }

    /** For a command of which nothing moves before its end. */
    static WaitingLog begin(String state) {
        return begin(state, new Movement(Activities.ofThisProcess(), System::nanoTime));
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
