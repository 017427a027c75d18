package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Progress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A live bar on a terminal. */
public final class ProgressBarDisplay implements ProgressDisplay {
    private final ProgressTracker progress;
    private ProgressBar bar;
    private String task;

    public ProgressBarDisplay(ProgressTracker progress) {
        this.progress = progress;
        open("embedding");
    }

    @Override
    public synchronized void refresh() {
        Progress now = progress.snapshot();
        // What is read is not done; where documents cannot be counted ahead, it must do.
        if (now.committed().documents().total() != null) {
            bar.maxHint(now.committed().documents().total());
            bar.stepTo(now.committed().documents().finished());
        } else {
            bar.maxHint(now.committed().work().total());
            bar.stepTo(now.committed().work().done());
        }
        bar.setExtraMessage(
                String.format(Locale.ROOT, " %.0f documents/s", now.pace().documentsPerSecond())
                        + ProgressSentence.standstill(now));
    }

    @Override
    public synchronized void indexing(String phase, long done, long total) {
        if (!task.equals("indexing")) {
            bar.close();
            open("indexing");
        }
        bar.maxHint(total == 0 ? -1 : total);
        bar.stepTo(done);
        bar.setExtraMessage(" " + phase);
    }

    @Override
    public synchronized void close() {
        bar.close();
    }

    private void open(String name) {
        task = name;
        bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(250)
                .continuousUpdate()
                // The bar would reckon with resumed work as if this process had done it.
                .setEtaFunction(
                        state -> Optional.ofNullable(progress.snapshot().pace().secondsLeft())
                                .map(Duration::ofSeconds))
                .build();
    }
}
