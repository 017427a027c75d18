package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.money.Budget;
import java.util.concurrent.atomic.AtomicInteger;

/** A budget in memory that refuses what would pass it, and insists on each reservation being settled once. */
final class RecordedBudget implements Budget {
    private final long mostTokens;
    private final AtomicInteger open = new AtomicInteger();
    private long reserved;
    private long spent;

    RecordedBudget(long mostTokens) {
        this.mostTokens = mostTokens;
    }

    static RecordedBudget unlimited() {
        return new RecordedBudget(Long.MAX_VALUE);
    }

    @Override
    public synchronized Reservation reserve(long tokens) {
        if (spent + reserved > mostTokens - tokens) {
            throw new BudgetExhaustedException("%d tokens are spent".formatted(spent));
        }
        reserved += tokens;
        open.incrementAndGet();
        return (billed, _) -> settle(tokens, billed);
    }

    private synchronized void settle(long tokens, long billed) {
        if (open.decrementAndGet() < 0) {
            throw new IllegalStateException("settled twice");
        }
        reserved -= tokens;
        spent += billed;
    }

    synchronized long spent() {
        return spent;
    }

    int open() {
        return open.get();
    }
}
