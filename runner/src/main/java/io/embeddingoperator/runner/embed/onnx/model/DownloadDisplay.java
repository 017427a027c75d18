package io.embeddingoperator.runner.embed.onnx.model;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows how far a large download is: a bar on a terminal, otherwise a line now and then. */
final class DownloadDisplay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DownloadDisplay.class);
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;
    private static final int MEGABYTE = 1_000_000;

    /** Less is here before a person could read of it. */
    private static final long SMALL = 8 * MEGABYTE;

    private final RemoteFile remote;
    private Optional<ProgressBar> bar = Optional.empty();
    private long total;
    private volatile long received;
    private long lastLine = System.nanoTime();

    DownloadDisplay(RemoteFile remote) {
        this.remote = remote;
    }

    /**
     * A try begins.
     *
     * @param have what is here already
     * @param announced what the server says that it sends; 0 where it does not
     */
    void begin(long have, long announced) {
        close();
        total = announced == 0 ? 0 : have + announced;
        received = have;
        if (announced > SMALL && System.console() != null && System.console().isTerminal()) {
            bar = Optional.of(new ProgressBarBuilder()
                    .setTaskName(remote.path())
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .setInitialMax(total)
                    .startsFrom(have, Duration.ZERO)
                    .setUnit(" MB", MEGABYTE)
                    .showSpeed()
                    .build());
        }
    }

    void at(long bytes) {
        received = bytes;
        bar.ifPresent(shown -> shown.stepTo(bytes));
        if (bar.isEmpty() && System.nanoTime() - lastLine >= NANOS_BETWEEN_LINES) {
            lastLine = System.nanoTime();
            LOG.info("downloading {}: {}", remote, sentence());
        }
    }

    /** For example: 120 of 2,270 MB are here. */
    String sentence() {
        String here = String.format(Locale.ROOT, "%,d", received / MEGABYTE);
        return total == 0
                ? here + " MB are here"
                : String.format(Locale.ROOT, "%s of %,d MB are here", here, total / MEGABYTE);
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
