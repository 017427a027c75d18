package io.embeddingoperator.runner.pipeline;

import java.util.concurrent.Semaphore;

/** Lets windows in while their text fits into a budget. */
final class MemoryBudget {
    private final int total;
    private final Semaphore bytes;

    MemoryBudget(int total) {
        this.total = total;
        this.bytes = new Semaphore(total, true);
    }

    void acquire(long textBytes) throws InterruptedException {
        bytes.acquire(share(textBytes));
    }

    void release(long textBytes) {
        bytes.release(share(textBytes));
    }

    /** A window beyond the whole budget takes all of it, and so goes through alone. */
    private int share(long textBytes) {
        return (int) Math.min(textBytes, total);
    }
}
