package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingPending.numbered;
import static io.embeddingoperator.runner.sink.TestingPending.submitted;
import static io.embeddingoperator.runner.sink.TestingPending.window;
import static io.embeddingoperator.runner.sink.TestingSink.ARTICLES;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.run;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.ShardTakenOverException;
import io.embeddingoperator.runner.money.Budget;
import io.embeddingoperator.runner.money.Price;
import io.embeddingoperator.runner.sink.batch.BatchCounts;
import io.embeddingoperator.runner.sink.batch.BatchMoney;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.ShardLease;
import io.embeddingoperator.runner.sink.spending.Spending;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SpendingTest {
    private static final Price PRICE = Price.perMillionTokens("0.02");
    private static final Optional<BigDecimal> DOLLAR = Optional.of(BigDecimal.ONE);

    private final String database = newDatabase();

    @Test
    void whatIsSpentIsCountedToTheLastToken() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            assertThat(sink.money(run)).isEqualTo(RunMoney.NONE);
            try (Spending spending = sink.spending(run, 0, Optional.empty())) {
                Budget budget = spending.at(PRICE);
                budget.reserve(1_000).settle(900, true);
                Budget.Reservation lost = budget.reserve(7);
                budget.reserve(300_000).settle(0, true);
                lost.settle(8, true);
                assertThatThrownBy(() -> lost.settle(8, true)).isInstanceOf(IllegalStateException.class);
            }
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo("0.00001816");
            assertThat(query(database, "SELECT leased = 0 FROM embedding_operator.spending"))
                    .containsExactly("t");
        }
    }

    @Test
    void processesShareABudgetThatIsNeverPassedAndIsUsedUp() throws Exception {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database);
                ExecutorService processes = Executors.newFixedThreadPool(4)) {
            // given requests of up to 0.006 USD, 1 USD for all, and four processes with two threads each
            Run run = run(sink, 4);
            List<Spending> spendings = new ArrayList<>();
            List<Future<BigDecimal>> spent = new ArrayList<>();
            for (int shard = 0; shard < 4; shard++) {
                Spending spending = sink.spending(run, shard, DOLLAR);
                spendings.add(spending);
                spent.add(processes.submit(() -> spendUntilRefused(spending)));
            }

            // when
            BigDecimal sum = BigDecimal.ZERO;
            for (Future<BigDecimal> one : spent) {
                sum = sum.add(one.get());
            }
            spendings.forEach(Spending::close);

            // then
            assertThat(sum).isLessThanOrEqualTo(BigDecimal.ONE).isGreaterThan(new BigDecimal("0.994"));
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo(sum);
        }
    }

    /** Each as it is told when the budget does not allow even a request of the largest size any more. */
    private static BigDecimal spendUntilRefused(Spending spending) {
        Budget budget = spending.at(PRICE);
        BigDecimal sum = BigDecimal.ZERO;
        try {
            while (true) {
                long tokens = ThreadLocalRandom.current().nextLong(100_000, 300_000);
                budget.reserve(tokens).settle(tokens, true);
                sum = sum.add(PRICE.of(tokens));
            }
        } catch (BudgetExhaustedException e) {
            // What this process does not need any more, another one may use.
            spending.settleUp();
            return sum;
        }
    }

    @Test
    void exhaustedBudgetIsNamedAndALargerOneGoesOn() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            try (Spending spending = sink.spending(run, 0, DOLLAR)) {
                spending.at(PRICE).reserve(49_999_000).settle(49_999_000, true);

                assertThatThrownBy(() -> spending.at(PRICE).reserve(1_001))
                        .isInstanceOf(BudgetExhaustedException.class)
                        .hasMessage(
                                "spec.budget.maxCostUsd is 1, of which 0.99998 are spent or set aside, and the next"
                                        + " 1,001 tokens cost 0.00002002: raise or remove the budget, and the run goes on from its checkpoint");
                spending.at(PRICE).reserve(1_000).settle(1_000, true);
            }
            try (Spending spending = sink.spending(run, 0, Optional.of(BigDecimal.TWO))) {
                spending.at(PRICE).reserve(1_001).settle(1_001, true);
            }
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo("1.00002002");
        }
    }

    @Test
    void whatIsUnderWayHereMayCostLessAndIsWaitedFor() throws Exception {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Spending spending = sink.spending(run(sink, 1), 0, DOLLAR)) {
            // given a request that may cost more than half of the budget
            Budget budget = spending.at(PRICE);
            Budget.Reservation underWay = budget.reserve(30_000_000);

            // when another one of its size is refused nothing until the first has cost nothing
            Future<Budget.Reservation> next = threads.submit(() -> budget.reserve(30_000_000));
            assertThatThrownBy(() -> next.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            underWay.settle(0, true);

            // then
            next.get().settle(30_000_000, true);
        }
    }

    @Test
    void leaseOfAProcessThatDiedCountsAsSpentAndItGetsNoOther() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given a process with a request on its way
            Run run = run(sink, 1);
            Spending died = sink.spending(run, 0, DOLLAR);
            died.at(PRICE).reserve(1_000_000);
            BigDecimal leased = new BigDecimal(query(database, "SELECT leased FROM embedding_operator.spending")
                    .getFirst());

            // when
            try (Spending next = sink.spending(run, 0, DOLLAR)) {
                next.at(PRICE).reserve(10).settle(10, true);
            }

            // then: what it may have spent is counted, and little more
            assertThat(leased).isBetween(new BigDecimal("0.02"), new BigDecimal("0.12"));
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo(leased.add(PRICE.of(10)));
            assertThat(sink.money(run).estimatedUsd().orElseThrow()).isEqualByComparingTo(leased);
            assertThatThrownBy(() -> died.at(PRICE).reserve(20_000_000)).isInstanceOf(ShardTakenOverException.class);
            assertThatThrownBy(died::close).isInstanceOf(ShardTakenOverException.class);
        }
    }

    @Test
    void whatNoBillTellsIsKnownAsSuchByAllProcesses() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given
            Run run = run(sink, 1);
            try (Spending spending = sink.spending(run, 0, Optional.empty())) {
                Budget budget = spending.at(PRICE);
                budget.reserve(100).settle(100, true);
                spending.settleUp();
                assertThat(sink.money(run).estimatedUsd()).isEmpty();

                // when
                budget.reserve(30).settle(30, false);
                spending.settleUp();
                budget.reserve(7).settle(7, false);
            }
            try (Spending next = sink.spending(run, 1, Optional.empty())) {
                next.at(PRICE).reserve(3).settle(3, false);
            }

            // then
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo(PRICE.of(140));
            assertThat(sink.money(run).estimatedUsd().orElseThrow()).isEqualByComparingTo(PRICE.of(40));
        }
    }

    @Test
    void batchesAndRequestsSpendTheSameMoney() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            // given a batch of 30 tokens at 0.01 USD a token
            Run run = run(sink, 1);
            ShardLease lease = sink.take(run, 0).orElseThrow();
            PendingDocuments pending = sink.pending(run, lease, new BatchMoney(new BigDecimal("10000"), DOLLAR));
            pending.commit(window("10", numbered(1, 10)));
            try (Spending spending = sink.spending(run, 0, DOLLAR)) {
                Budget budget = spending.at(Price.perMillionTokens("10000"));
                budget.reserve(70).settle(70, true);
                spending.settleUp();
                BatchRecord batch = submitted(pending);
                assertThat(sink.money(run))
                        .isEqualTo(new RunMoney(
                                sink.money(run).spentUsd(),
                                Optional.empty(),
                                Optional.of(new BatchCounts(1, 1, 0, 0))));
                assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo("1");
                assertThatThrownBy(() -> budget.reserve(1)).isInstanceOf(BudgetExhaustedException.class);

                // when the provider bills less
                pending.advance(batch.in(BatchState.Importing).billed(28));

                // then
                budget.reserve(2).settle(2, true);
                assertThatThrownBy(() -> budget.reserve(1)).isInstanceOf(BudgetExhaustedException.class);
            }
        }
    }

    @Test
    void batchBeyondTheBudgetStaysPacked() {
        try (EmbeddingSink sink = prepared(spec(), ARTICLES, database)) {
            Run run = run(sink, 1);
            PendingDocuments pending = sink.pending(
                    run,
                    sink.take(run, 0).orElseThrow(),
                    new BatchMoney(new BigDecimal("10000"), Optional.of(new BigDecimal("0.29"))));
            pending.commit(window("10", numbered(1, 10)));
            BatchRecord batch = pending.assign(TestingPending.PLENTY).orElseThrow();

            assertThatThrownBy(() -> pending.advance(batch.in(BatchState.Uploading)))
                    .isInstanceOf(BudgetExhaustedException.class)
                    .hasMessage(
                            "spec.budget.maxCostUsd is 0.29, of which 0 are spent, and the next batch of 10 documents"
                                    + " costs 0.3: raise or remove the budget, and the run goes on from its checkpoint");

            assertThat(pending.batches()).containsExactly(batch);
            assertThat(sink.money(run).spentUsd().orElseThrow()).isEqualByComparingTo("0");
        }
    }
}
