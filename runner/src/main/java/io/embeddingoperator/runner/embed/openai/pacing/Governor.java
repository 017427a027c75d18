package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Holds requests back until the account's limits have room for them; one for a process and model. For many threads, virtual ones
 * too: the first to come goes first. See {@link Pacer} for how it decides.
 */
public final class Governor {
    private final Pacer pacer;
    private final LongSupplier nanoTime;
    private final InstantSource timeOfDay;

    /** Held by the one whose turn is next, while it waits. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private final ReentrantLock state = new ReentrantLock();
    private final Condition changed = state.newCondition();

    /** Why no request is let through any more, or null. */
    private @Nullable RuntimeException ended;

    public Governor(Hints hints) {
        this(hints, RandomGenerator.getDefault(), System::nanoTime, InstantSource.system());
    }

    /** @param nanoTime never goes backwards; waits are real ones, so it should keep to real time */
    Governor(Hints hints, RandomGenerator random, LongSupplier nanoTime, InstantSource timeOfDay) {
        this.pacer = new Pacer(hints, random);
        this.nanoTime = nanoTime;
        this.timeOfDay = timeOfDay;
    }

    /**
     * Waits until a request of so many tokens may be sent.
     *
     * @return must be told what became of the request
     * @throws RequestTooLargeException when no waiting would help
     */
    public Permit acquire(long tokens) throws InterruptedException, RequestTooLargeException {
        turn.lockInterruptibly();
        try {
            state.lockInterruptibly();
            try {
                return new Permit(awaitTicket(tokens));
            } finally {
                state.unlock();
            }
        } finally {
            turn.unlock();
        }
    }

    /** Lets no request through any more, because none would be answered: all that wait, and all that come, get the reason. */
    public void end(RuntimeException reason) {
        state.lock();
        try {
            ended = reason;
            changed.signalAll();
        } finally {
            state.unlock();
        }
    }

    /** How large a request should be now, see {@link Pacer#preferredRequestTokens}. */
    public long preferredRequestTokens() {
        state.lock();
        try {
            return pacer.preferredRequestTokens(nanoTime.getAsLong());
        } finally {
            state.unlock();
        }
    }

    /** Why nothing is sent for longer than some seconds; empty while it goes on. */
    public Optional<Waiting> waiting() {
        state.lock();
        try {
            return pacer.pause(nanoTime.getAsLong())
                    .map(pause ->
                            new Waiting(pause.sentence(), timeOfDay.instant().plus(pause.left())));
        } finally {
            state.unlock();
        }
    }

    private Pacer.Ticket awaitTicket(long tokens) throws InterruptedException, RequestTooLargeException {
        while (true) {
            if (ended != null) {
                throw ended;
            }
            if (tokens > pacer.mostRequestTokens()) {
                throw new RequestTooLargeException(tokens, pacer.mostRequestTokens());
            }
            long now = nanoTime.getAsLong();
            long wait = pacer.nanosUntil(now, tokens);
            if (wait == 0) {
                return pacer.send(now, tokens);
            }
            changed.await(wait, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * A wait for a person to know of.
     *
     * @param until when it goes on, or is tried again
     */
    public record Waiting(String sentence, Instant until) {}

    /** A request may be sent; exactly one of the two methods is to be called once. */
    public final class Permit {
        private final Pacer.Ticket ticket;
        private boolean used;

        private Permit(Pacer.Ticket ticket) {
            this.ticket = ticket;
        }

        /** A reply came, a good one or not. */
        public void answered(Reply reply) {
            finish(() -> pacer.answered(nanoTime.getAsLong(), ticket, reply));
        }

        /** No reply came, or none that can be read. The server may have counted the request. */
        public void lost() {
            finish(() -> pacer.lost(nanoTime.getAsLong(), ticket));
        }

        private void finish(Runnable end) {
            state.lock();
            try {
                if (used) {
                    throw new IllegalStateException("this permit was finished before: a request has one reply");
                }
                used = true;
                end.run();
                changed.signalAll();
            } finally {
                state.unlock();
            }
        }
    }
}
