package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.runner.failure.StoppedException;
import java.util.HashSet;
import java.util.Set;

/** Threads that rest between two attempts: a process that is asked to stop need not wait for them. Safe for concurrent use. */
final class InterruptibleSleeps {
    private final Set<Thread> resting = new HashSet<>();
    private boolean over;

    /** The calling thread will rest. */
    synchronized void begin() {
        if (over) {
            throw new StoppedException();
        }
        resting.add(Thread.currentThread());
    }

    /**
     * The calling thread does not rest any more.
     *
     * @throws StoppedException when no thread is to go on after a rest
     */
    synchronized void end() {
        if (resting.remove(Thread.currentThread()) && over) {
            Thread.interrupted();
            throw new StoppedException();
        }
    }

    /** Wakes all threads that rest; none rests any more. */
    synchronized void stop() {
        over = true;
        resting.forEach(Thread::interrupt);
    }
}
