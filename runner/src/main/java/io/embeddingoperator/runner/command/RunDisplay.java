package io.embeddingoperator.runner.command;

import io.embeddingoperator.runner.progress.ProgressBarDisplay;
import io.embeddingoperator.runner.progress.ProgressDisplay;
import io.embeddingoperator.runner.progress.ProgressLines;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.run.RunListener;
import io.embeddingoperator.runner.sink.index.IndexProgress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Shows a run while it lasts: a bar on a terminal, otherwise a line now and then. */
final class RunDisplay implements RunListener, AutoCloseable {
    private static final int REFRESH_MILLIS = 250;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("display").factory());
    private @Nullable ProgressDisplay display;

    @Override
    public synchronized void started(ProgressTracker progress) {
        display = onTerminal() ? new ProgressBarDisplay(progress) : new ProgressLines(progress);
        ScheduledFuture<?> _ =
                clock.scheduleAtFixedRate(display::refresh, REFRESH_MILLIS, REFRESH_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void indexing(IndexProgress progress) {
        if (display != null) {
            display.indexing(progress.phase(), progress.done(), progress.total());
        }
    }

    @Override
    public synchronized void close() {
        clock.shutdownNow();
        if (display != null) {
            display.refresh();
            display.close();
            display = null;
        }
    }

    private static boolean onTerminal() {
        return System.console() != null && System.console().isTerminal();
    }
}
