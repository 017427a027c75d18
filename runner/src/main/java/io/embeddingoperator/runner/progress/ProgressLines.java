package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One log line now and then, where there is no terminal. */
public final class ProgressLines implements ProgressDisplay {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressLines.class);
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

    private final ProgressTracker progress;
    private long last = System.nanoTime();

    public ProgressLines(ProgressTracker progress) {
        this.progress = progress;
    }

    @Override
    public void refresh() {
        if (due()) {
            Progress now = progress.snapshot();
            LOG.info(
                    "{} % of {} {}: {}{}{}{}",
                    String.format(Locale.ROOT, "%.1f", now.committed().work().percent()),
                    now.committed().work().total(),
                    now.committed().work().unit(),
                    ProgressSentence.counts(now),
                    ProgressSentence.waiting(now),
                    ProgressSentence.rates(now),
                    ProgressSentence.standstill(now));
        }
    }

    @Override
    public void indexing(String phase, long done, long total) {
        if (due()) {
            LOG.info("index: {} {}", phase, total == 0 ? "" : done + " of " + total);
        }
    }

    @Override
    public void close() {}

    private boolean due() {
        long now = System.nanoTime();
        if (now - last < NANOS_BETWEEN_LINES) {
            return false;
        }
        last = now;
        return true;
    }
}
