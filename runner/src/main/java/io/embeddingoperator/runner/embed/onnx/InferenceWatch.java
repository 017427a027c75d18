package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops calls of a model that take too long. ONNX Runtime looks for the sign between two operators, in a loop's body as well. */
final class InferenceWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceWatch.class);
    private static final Duration TICK = Duration.ofMillis(500);

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("inference-watch").daemon().factory());

    InferenceWatch() {
        ScheduledFuture<?> _ = clock.scheduleWithFixedDelay(
                () -> calls.forEach(Call::tick), TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** @param limit that is counted in ticks: time in which the whole process stood still is not the model's */
    Call begin(Duration limit) throws OrtException {
        Call call = new Call(limit);
        calls.add(call);
        return call;
    }

    /** A call that is watched until it is closed. */
    final class Call implements AutoCloseable {
        private final RunOptions options = new RunOptions();
        private final Duration limit;
        private long ticks;
        private boolean expired;
        private boolean closed;

        private Call(Duration limit) throws OrtException {
            this.limit = limit;
            this.ticks = limit.dividedBy(TICK);
        }

        /** To be given to ONNX Runtime. */
        RunOptions options() {
            return options;
        }

        private synchronized void tick() {
            if (closed || --ticks > 0) {
                return;
            }
            expired = true;
            try {
                options.setTerminate(true);
            } catch (OrtException e) {
                LOG.warn("a call of the model takes longer than {} s and cannot be stopped", limit.toSeconds(), e);
            }
        }

        /** @return what ONNX Runtime ended a call with, or that it was stopped from here */
        synchronized OrtException reason(OrtException failure) {
            return expired ? new InferenceTimeoutException(limit) : failure;
        }

        @Override
        public void close() {
            calls.remove(this);
            synchronized (this) {
                closed = true;
                options.close();
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
