package io.embeddingoperator.runner.serve;

import io.embeddingoperator.runner.embed.BatchLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * The texts of all requests, in the order in which they are embedded. Requests share the model token by token (self-clocked fair
 * queueing): a text's turn comes after as many tokens as its own request asks for up to it, so that a search text never waits for the
 * two thousand documents of another request, and those wait for no more than their share.
 */
final class FairQueue {
    /** Texts behind the first one that are looked at for a batch. */
    private static final int LOOK_AHEAD = 256;

    /** Of a batch: more padding costs more than a call that is saved. */
    private static final double MOST_PADDING = 0.2;

    private final BatchLimits limits;
    private final Duration patience;
    private final Pace pace;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TreeSet<WaitingText> waiting = new TreeSet<>(WaitingText.BY_TURN);
    private long waitingTokens;
    private long turn;
    private long arrivals;
    private int idle;
    private boolean closed;

    /** @param patience how long the first text of a request may wait */
    FairQueue(BatchLimits limits, Duration patience, Pace pace) {
        this.limits = limits;
        this.patience = patience;
        this.pace = pace;
    }

    /** @throws RefusedRequestException when the request would wait too long, or when this process ends */
    void add(WaitingRequest request) throws RefusedRequestException {
        lock.lock();
        try {
            if (closed) {
                throw RefusedRequestException.ending();
            }
            // The shortest first, so that neighbours are alike.
            int[] order = IntStream.range(0, request.texts().size())
                    .boxed()
                    .sorted(Comparator.comparingInt(
                            text -> request.texts().get(text).length()))
                    .mapToInt(Integer::intValue)
                    .toArray();
            checkPatience(turn + request.texts().get(order[0]).length());
            long next = turn;
            for (int text : order) {
                next += request.texts().get(text).length();
                waiting.add(new WaitingText(request, text, next, arrivals++));
            }
            waitingTokens += request.tokens();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a request that nothing waits for any more. */
    void drop(WaitingRequest request) {
        lock.lock();
        try {
            waiting.removeIf(text -> {
                if (text.request() != request) {
                    return false;
                }
                waitingTokens -= text.tokens();
                return true;
            });
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for texts.
     *
     * @return texts of one type and of about one length for one call, the longest of which decides what it costs; none once the queue
     *     is closed and empty
     */
    List<WaitingText> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            idle++;
            while (waiting.isEmpty()) {
                if (closed) {
                    return List.of();
                }
                changed.await();
            }
            List<WaitingText> batch = next(waitingTokens / idle);
            turn = batch.getFirst().turn();
            batch.forEach(waiting::remove);
            batch.forEach(text -> waitingTokens -= text.tokens());
            return batch;
        } finally {
            idle--;
            lock.unlock();
        }
    }

    /** No request is taken from now on; those that wait are answered. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** @param share of the tokens that wait, so that workers without work get some too */
    private List<WaitingText> next(long share) {
        WaitingText first = waiting.first();
        List<WaitingText> batch = new ArrayList<>();
        int longest = 0;
        long own = 0;
        int seen = 0;
        for (WaitingText text : waiting) {
            if (batch.size() == limits.maxTexts() || seen++ == LOOK_AHEAD) {
                break;
            }
            int longer = Math.max(longest, text.tokens());
            long padded = (long) longer * (batch.size() + 1);
            boolean fits = padded <= Math.min(limits.maxTokens(), share)
                    && padded - own - text.tokens() <= MOST_PADDING * padded
                    && text.request().type() == first.request().type();
            if (batch.isEmpty() || fits) {
                batch.add(text);
                longest = longer;
                own += text.tokens();
            }
        }
        return batch;
    }

    private void checkPatience(long firstTurn) throws RefusedRequestException {
        long most = pace.tokensWithin(patience);
        long before = 0;
        for (WaitingText text : waiting) {
            if (text.turn() > firstTurn) {
                return;
            }
            before += text.tokens();
            if (before > most) {
                throw RefusedRequestException.busy(
                        Duration.ofSeconds(1),
                        "This endpoint is busy: the request would wait longer than the %d ms of --max-queue-millis."
                                .formatted(patience.toMillis()));
            }
        }
    }
}
