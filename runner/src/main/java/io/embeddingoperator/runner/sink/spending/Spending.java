package io.embeddingoperator.runner.sink.spending;

import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Price;
import io.embeddingoperator.runner.sink.database.SinkDatabase;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.EstimatedCosts;
import io.embeddingoperator.runner.sink.state.Spendings;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process spends of a run's money, beside the other processes of the run. The process leases a few seconds' worth at a
 * time, under a lock of the run, so that all leases and all that is spent never pass the limit together; inside its lease it
 * spends without asking. What it spent is written down about once a second. The process that begins to spend for the same shard after
 * it counts an open lease as spent: a crash counts too much by one lease at the most, and never too little.
 */
public final class Spending implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spending.class);

    private static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

    /** Others may give back what they leased; one that crashed does not. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    private static final BigDecimal SECONDS_LEASED = BigDecimal.valueOf(5);

    /** The most of what is left that a process leases beyond its need: the others want some as well. */
    private static final BigDecimal SHARE_OF_THE_REST = new BigDecimal("0.0625");

    private final SinkDatabase database;
    private final Run run;
    private final int shard;
    private final long epoch;
    private final Optional<BigDecimal> max;
    private final Lock lock = new ReentrantLock();
    private final Thread writer;

    /** As the row has it. */
    private BigDecimal written;

    private BigDecimal leased = BigDecimal.ZERO;

    /** Spent since the row was written. */
    private BigDecimal unwritten = BigDecimal.ZERO;

    /** The part of it that the provider did not tell. */
    private BigDecimal estimated = BigDecimal.ZERO;

    private BigDecimal reserved = BigDecimal.ZERO;

    /** What the last second cost. */
    private BigDecimal rate = BigDecimal.ZERO;

    private BigDecimal sinceLook = BigDecimal.ZERO;

    private Spending(SinkDatabase database, Run run, int shard, Spendings.Begun begun, Optional<BigDecimal> max) {
        this.database = database;
        this.run = run;
        this.shard = shard;
        this.epoch = begun.epoch();
        this.written = begun.spent();
        this.max = max;
        this.writer = Thread.ofVirtual().name("spending").start(this::writeNowAndThen);
    }

    /**
     * Begins to spend; an earlier process of the same shard gets no new lease.
     *
     * @param shard of this process; 0 where it has all of them
     * @param max US dollars of the whole run; empty without a limit
     */
    public static Spending begin(SinkDatabase database, Run run, int shard, Optional<BigDecimal> max) {
        Spendings.Begun begun = database.transaction(
                "Beginning to spend for shard %d".formatted(shard),
                connection -> Spendings.begin(connection, run.id(), shard));
        return new Spending(database, run, shard, begun, max);
    }

    /** Money at a price; budgets of several prices spend the same money. */
    public Budget at(Price price) {
        Objects.requireNonNull(price, "price");
        return tokens -> new Reserved(reserve(price.of(tokens), tokens), price);
    }

    /** Writes down what was spent, and gives back what is leased and not in use. */
    public void settleUp() {
        lock.lock();
        try {
            write(BigDecimal.ZERO);
        } finally {
            lock.unlock();
        }
    }

    /** Reservations that are not settled stay leased, and count as spent. */
    @Override
    public void close() {
        writer.interrupt();
        settleUp();
    }

    private BigDecimal reserve(BigDecimal cost, long tokens) {
        long began = System.nanoTime();
        while (true) {
            Optional<Refusal> refusal = tryReserve(cost);
            if (refusal.isEmpty()) {
                return cost;
            }
            boolean othersTakeTooLong = System.nanoTime() - began > PATIENCE.toNanos();
            if (!refusal.get().underWayHere() && (!refusal.get().othersMayGiveBack() || othersTakeTooLong)) {
                throw new BudgetExhaustedException(
                        ("spec.budget.maxCostUsd is %s, of which %s are spent or set aside, and the next %,d tokens cost %s:"
                                        + " raise or remove the budget, and the run goes on from its checkpoint")
                                .formatted(
                                        max.orElseThrow().toPlainString(),
                                        plain(refusal.get().taken()),
                                        tokens,
                                        plain(cost)));
            }
            pause();
        }
    }

    /** Empty when it is reserved. */
    private Optional<Refusal> tryReserve(BigDecimal cost) {
        lock.lock();
        try {
            Optional<Refusal> refusal =
                    reserved.add(unwritten).add(cost).compareTo(leased) > 0 ? lease(cost) : Optional.empty();
            if (refusal.isEmpty()) {
                reserved = reserved.add(cost);
            }
            return refusal;
        } finally {
            lock.unlock();
        }
    }

    private Optional<Refusal> lease(BigDecimal cost) {
        BigDecimal spent = written.add(unwritten);
        BigDecimal need = reserved.add(cost);
        Lease got = database.transaction("Leasing money for shard %d".formatted(shard), connection -> {
            Spendings.Money money = Spendings.locked(connection, run.id());
            BigDecimal more = rate.max(cost).multiply(SECONDS_LEASED);
            if (max.isPresent()) {
                BigDecimal taken =
                        money.committed().subtract(leased).add(unwritten).add(reserved);
                BigDecimal rest = max.get().subtract(taken).subtract(cost);
                if (rest.signum() < 0) {
                    return new Lease(
                            leased,
                            Optional.of(new Refusal(
                                    taken, reserved.signum() > 0, money.leased().compareTo(leased) > 0)));
                }
                more = more.min(rest.multiply(SHARE_OF_THE_REST));
            }
            own(connection, spent, need.add(more));
            return new Lease(need.add(more), Optional.empty());
        });
        if (got.refusal().isEmpty()) {
            wrote(spent, got.amount());
        }
        return got.refusal();
    }

    private void settle(BigDecimal cost, BigDecimal billed, boolean told) {
        lock.lock();
        try {
            reserved = reserved.subtract(cost);
            unwritten = unwritten.add(billed);
            estimated = told ? estimated : estimated.add(billed);
            sinceLook = sinceLook.add(billed);
        } finally {
            lock.unlock();
        }
    }

    /** Never raises what is spent and leased together, so that it needs no lock of the run. */
    private void write(BigDecimal spare) {
        BigDecimal left = leased.subtract(unwritten);
        BigDecimal keep = reserved.max(left.min(reserved.add(spare)));
        if (unwritten.signum() == 0 && keep.compareTo(leased) == 0) {
            return;
        }
        BigDecimal spent = written.add(unwritten);
        database.transaction(
                "Writing down what shard %d spent".formatted(shard), connection -> own(connection, spent, keep));
        wrote(spent, keep);
    }

    private Void own(Connection connection, BigDecimal spent, BigDecimal lease) throws SQLException {
        if (!Spendings.write(connection, run.id(), shard, epoch, spent, lease)) {
            throw new ShardTakenOverException(shard);
        }
        if (estimated.signum() > 0) {
            EstimatedCosts.add(connection, run.id(), shard, estimated);
        }
        return null;
    }

    private void wrote(BigDecimal spent, BigDecimal lease) {
        written = spent;
        unwritten = BigDecimal.ZERO;
        estimated = BigDecimal.ZERO;
        leased = lease;
    }

    private void writeNowAndThen() {
        try {
            while (true) {
                Thread.sleep(BETWEEN_WRITES);
                lock.lock();
                try {
                    rate = sinceLook;
                    sinceLook = BigDecimal.ZERO;
                    write(rate.multiply(SECONDS_LEASED));
                } catch (ShardTakenOverException e) {
                    LOG.info("{}", e.getMessage());
                    return;
                } catch (RunnerException e) {
                    // What is spent is not forgotten: it is written the next time, and the lease covers it until then.
                    LOG.warn("{}", e.getMessage());
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            return;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_ATTEMPTS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while other processes had leased the rest of the budget", e);
        }
    }

    private static String plain(BigDecimal usd) {
        return usd.stripTrailingZeros().toPlainString();
    }

    /** What is leased now, or what stands against it. */
    private record Lease(BigDecimal amount, Optional<Refusal> refusal) {}

    /**
     * @param taken what is spent, reserved here or leased by others
     * @param underWayHere whether requests of this process are under way, which may cost less than was set aside for them
     */
    private record Refusal(BigDecimal taken, boolean underWayHere, boolean othersMayGiveBack) {}

    private final class Reserved implements Budget.Reservation {
        private final BigDecimal cost;
        private final Price price;
        private final AtomicBoolean settled = new AtomicBoolean();

        Reserved(BigDecimal cost, Price price) {
            this.cost = cost;
            this.price = price;
        }

        @Override
        public void settle(long tokens, boolean told) {
            if (!settled.compareAndSet(false, true)) {
                throw new IllegalStateException("a reservation is settled once");
            }
            Spending.this.settle(cost, price.of(tokens), told);
        }
    }
}
