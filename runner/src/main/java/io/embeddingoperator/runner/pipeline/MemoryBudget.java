package io.embeddingoperator.runner.pipeline;

import java.util.concurrent.Semaphore;

/** Lets windows in while their text, or their vectors, fit into a budget. */
final class MemoryBudget {
    private final int total;
    private final Semaphore bytes;

    MemoryBudget(int total) {
        this.total = total;
        this.bytes = new Semaphore(total, true);
    }

    void acquire(long windowBytes) throws InterruptedException {
        bytes.acquire(share(windowBytes));
    }

    void release(long windowBytes) {
        bytes.release(share(windowBytes));
    }

    /** A window beyond the whole budget takes all of it, and so goes through alone. */
    private int share(long windowBytes) {
        return (int) Math.min(windowBytes, total);
    }
}
