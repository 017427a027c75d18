package io.embeddingoperator.runner.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends work when the process is asked to stop (SIGTERM, SIGINT): open windows are finished and committed if that takes
 * less than {@link #FINISH_SECONDS}, and abandoned otherwise. The process then ends with 143 or 130, as Java does by itself
 * once its shutdown hooks are through.
 */
final class GracefulStop implements AutoCloseable {
    /** Kubernetes kills a pod 30 s after it asked; what is open must be settled well before. */
    private static final int FINISH_SECONDS = 15;

    private static final int ABANDON_SECONDS = 4;
    private static final Logger LOG = LoggerFactory.getLogger(GracefulStop.class);

    private final Runnable stopWork;
    private final Thread runner;
    private final CountDownLatch settled = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "stop");
    private volatile boolean requested;

    private GracefulStop(Runnable stopWork, Thread runner) {
        this.stopWork = stopWork;
        this.runner = runner;
    }

    /** From now on a signal stops the work of the calling thread: stopWork asks it to end soon. */
    static GracefulStop onSignal(Runnable stopWork) {
        GracefulStop stop = new GracefulStop(stopWork, Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** Whether the process was asked to stop. */
    boolean requested() {
        return requested;
    }

    /** Everything is settled: the process may end. */
    @Override
    public void close() {
        settled.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The signal came this very moment: the hook finds everything settled.
                LOG.debug("asked to stop at the end", e);
            }
        }
    }

    private void stop() {
        requested = true;
        LOG.info("asked to stop: finishing the open window");
        stopWork.run();
        try {
            if (!settled.await(FINISH_SECONDS, TimeUnit.SECONDS)) {
                LOG.info("the open window takes longer than {} s and is abandoned", FINISH_SECONDS);
                runner.interrupt();
                settled.await(ABANDON_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
