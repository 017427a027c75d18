package io.embeddingoperator.runner.batches;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes a thread that works off what others bring, and wakes those in turn each time it has looked. */
final class WakeSignal {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private final Condition answered = lock.newCondition();
    private boolean ringing;
    private long answers;

    /** There is something to look at. */
    void ring() {
        lock.lock();
        try {
            ringing = true;
            rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a ring, also one that came before, but no longer than the time. */
    void awaitRing(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = atMost.toNanos();
            while (!ringing && left > 0) {
                left = rung.awaitNanos(left);
            }
            ringing = false;
        } finally {
            lock.unlock();
        }
    }

    /** Everything that was brought has been looked at. */
    void answer() {
        lock.lock();
        try {
            answers++;
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the other thread has looked once more; at the most a second, after which one looks for oneself. */
    void awaitAnswer() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long seen = answers;
            long left = TimeUnit.SECONDS.toNanos(1);
            while (answers == seen && left > 0) {
                left = answered.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
