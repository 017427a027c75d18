package io.embeddingoperator.runner.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.batch.WaitingChunk;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.sink.batch.BatchCounts;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.sink.run.ShardState;
import io.embeddingoperator.runner.source.WorkUnit;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTrackerTest {
    private final AtomicLong now = new AtomicLong();
    private final List<FailedDocument> stored = new ArrayList<>();
    private RunMoney money = RunMoney.NONE;

    @Test
    void countsWhatIsCommittedAndEarlierOwnersToo() {
        // given a shard that another process had half done
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 400, Map.of(0, counters(100, 90), 1, Counts.ZERO));

        // when ten seconds later a hundred more are committed
        now.set(Duration.ofSeconds(10).toNanos());
        progress.committed(0, counters(200, 180));
        Progress snapshot = progress.snapshot();

        // then
        assertThat(snapshot.committed().documents()).isEqualTo(new Progress.Documents(400L, 180, 20, 0));
        assertThat(snapshot.committed().work()).isEqualTo(new Progress.Work("documents", 200, 400, 50));
        assertThat(snapshot.pace().documentsPerSecond()).isEqualTo(10);
    }

    @Test
    void estimatesTheEndOnceItHasSeenEnoughWindows() {
        // given a first window that took long, because the pipeline had to be filled
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 1_000, Map.of(0, Counts.ZERO));
        commit(progress, 60, 100);
        for (int window = 1; window < 4; window++) {
            commit(progress, 60 + 10 * window, 100 + 100 * window);
        }
        assertThat(progress.snapshot().pace().secondsLeft()).isNull();

        // when
        commit(progress, 100, 500);

        // then the time runs down from window to window
        assertThat(progress.snapshot().pace().secondsLeft()).isEqualTo(50);
        now.set(Duration.ofSeconds(105).toNanos());
        assertThat(progress.snapshot().pace().secondsLeft()).isEqualTo(45);

        // and grows when one is late
        now.set(Duration.ofSeconds(150).toNanos());
        assertThat(progress.snapshot().pace().secondsLeft()).isEqualTo(90);
    }

    @Test
    void measuresTokensAsTheyAreEmbeddedAndOnlyWhileEmbedding() {
        // given
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 10, Map.of(0, Counts.ZERO));
        TokenizedText text = new TokenizedText("x", new int[50], false);

        // when two seconds of embedding are followed by a long index build
        progress.embedded(new Batch(List.of(new WaitingChunk(0, 0, text), new WaitingChunk(1, 0, text))));
        now.set(Duration.ofSeconds(2).toNanos());
        progress.enter(Phase.Indexing, null);
        now.set(Duration.ofSeconds(100).toNanos());

        // then
        assertThat(progress.snapshot().pace().tokensPerSecond()).isEqualTo(50);
        assertThat(progress.elapsed()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void saysHundredPercentOnlyWhenAllIsCommitted() {
        // given a table that has grown since it was planned
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 100, Map.of(0, Counts.ZERO));
        progress.committed(0, counters(120, 120));

        // when, then
        assertThat(progress.snapshot().committed().work().percent()).isEqualTo(99.9);
        assertThat(progress.snapshot().committed().documents().total()).isEqualTo(120);
        progress.enter(Phase.Indexing, null);
        assertThat(progress.snapshot().committed().work().percent()).isEqualTo(100);
    }

    @Test
    void whatIsReadAndWaitsForABatchIsNotDoneAndNobodyKnowsWhenItWillBe() {
        // given
        money = new RunMoney(Optional.of(BigDecimal.ONE), Optional.empty(), Optional.of(new BatchCounts(4, 4, 0, 0)));
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 1_000, Map.of(0, Counts.ZERO));

        // when
        for (int window = 1; window <= 10; window++) {
            now.set(Duration.ofSeconds(window).toNanos());
            progress.committed(0, new Counts(100 * window, 50, 0, 0, 50, 5_000, 0, 0, 0));
        }

        // then
        assertThat(progress.snapshot().committed().work().percent()).isEqualTo(5);
        assertThat(ProgressSentence.waiting(progress.snapshot())).isEqualTo(", 950 read and not embedded yet");
        assertThat(progress.snapshot().pace().secondsLeft()).isNull();
    }

    @Test
    void doesNotGuessHowManyDocumentsFilesHold() {
        // given
        ProgressTracker progress = tracker(WorkUnit.BYTES, 1_000, Map.of(0, Counts.ZERO));

        // when
        progress.committed(0, counters(500, 500));

        // then
        assertThat(progress.snapshot().committed().documents().total()).isNull();
        assertThat(progress.snapshot().committed().work().percent()).isEqualTo(50);
        progress.enter(Phase.Complete, null);
        assertThat(progress.snapshot().committed().documents().total()).isEqualTo(500);
    }

    @Test
    void goesBackToWhatIsStoredWhenTheServerTookWindowsBack() {
        // given
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 100, Map.of(0, counters(50, 50)));
        now.set(Duration.ofSeconds(10).toNanos());
        progress.committed(0, counters(80, 80));

        // when even less is left than there was in the beginning
        progress.taken(0, counters(40, 40));

        // then
        assertThat(progress.snapshot().committed().documents().embedded()).isEqualTo(40);
        assertThat(progress.snapshot().pace().documentsPerSecond()).isZero();
        assertThat(progress.snapshot().pace().secondsLeft()).isNull();
    }

    @Test
    void doesNotGoBackWhenTheOlderOfTwoCommitsIsToldLast() {
        // given a window that is committed, and then a batch that is imported beside it
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 100, Map.of(0, counters(50, 50)));
        Counts window = new Counts(60, 50, 0, 1, 50, 500, 0, 0, 0);
        Counts batch = new Counts(60, 58, 0, 1, 58, 580, 0, 0, 0);

        // when
        progress.committed(0, batch);
        progress.committed(0, window);

        // then
        assertThat(progress.snapshot().committed().documents().embedded()).isEqualTo(58);
        assertThat(progress.snapshot().committed().tokens()).isEqualTo(580);

        // and when the shard's own completion corrects what was counted twice
        progress.committed(0, new Counts(60, 57, 0, 1, 58, 580, 0, 0, 0));

        // then
        assertThat(progress.snapshot().committed().documents().embedded()).isEqualTo(57);
    }

    @Test
    void tellsOfTheWholeRun() {
        // given
        ProgressTracker progress = tracker(WorkUnit.BYTES, 1_000, Map.of(0, Counts.ZERO));

        // when, then
        assertThat(progress.snapshot().planned()).isEqualTo(new Progress.Planned(2, null, 2_000));
    }

    @Test
    void tellsTheFirstFailuresInFewWords() {
        // given a failure of an earlier owner
        stored.add(new FailedDocument(Optional.of("17"), "articles id=17", "too long"));
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 100, Map.of(0, failed(1)));
        assertThat(progress.snapshot().failedDocuments())
                .containsExactly(new Progress.FailedDocument("17", "too long"));

        // when
        stored.add(new FailedDocument(Optional.empty(), "in/a.ndjson at byte 9", "𝄞".repeat(300)));
        progress.committed(0, failed(2));

        // then
        assertThat(progress.snapshot().failedDocuments())
                .containsExactly(
                        new Progress.FailedDocument("17", "too long"),
                        new Progress.FailedDocument("in/a.ndjson at byte 9", "𝄞".repeat(199) + "…"));
    }

    @Test
    void forgetsFailuresThatTheServerTookBack() {
        // given
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 100, Map.of(0, Counts.ZERO));
        stored.add(new FailedDocument(Optional.of("17"), "articles id=17", "too long"));
        progress.committed(0, failed(1));

        // when
        stored.clear();
        progress.taken(0, Counts.ZERO);

        // then
        assertThat(progress.snapshot().failedDocuments()).isEmpty();
    }

    @Test
    void tellsWhatTheWholeRunHasCommitted() {
        // given the second of three shards; the first is complete, and another process works on the third
        Assignment assignment = new Assignment(
                new Progress.Process("default/test", 1, 1),
                WorkUnit.DOCUMENTS,
                100,
                new Progress.Planned(3, 300L, 300));
        List<RunTotals> stored = new ArrayList<>(List.of(new RunTotals(counters(150, 140), 1)));
        ProgressTracker progress = new ProgressTracker(
                assignment,
                state(
                        new ShardState(0, 100, counters(100, 90), true),
                        new ShardState(1, 100, counters(10, 10), false),
                        new ShardState(2, 100, counters(20, 20), false)),
                new OtherShards(stored::removeFirst, () -> RunMoney.NONE, 16, now::get),
                new FailureSample(List::of),
                now::get);
        assertThat(progress.snapshot().whole()).isEqualTo(whole(130, 120, 1));

        // when windows are committed within the four seconds that each of 16 runners waits
        now.set(Duration.ofSeconds(3).toNanos());
        progress.committed(1, counters(50, 50));

        // then its own numbers are new, and the sink was not asked for the others
        assertThat(progress.snapshot().whole()).isEqualTo(whole(170, 160, 1));
        assertThat(stored).hasSize(1);

        // when a window is committed later
        now.set(Duration.ofSeconds(4).toNanos());
        progress.committed(1, counters(100, 100));

        // then the others are as the sink has them
        assertThat(progress.snapshot().whole()).isEqualTo(whole(250, 240, 1));

        // when it is through, and so are the others
        progress.completed(1);
        progress.stored(state(
                new ShardState(0, 100, counters(100, 90), true),
                new ShardState(1, 100, counters(100, 100), true),
                new ShardState(2, 100, counters(100, 100), true)));

        // then everything is told
        assertThat(progress.snapshot().whole()).isEqualTo(whole(300, 290, 3));
        assertThat(progress.snapshot().committed().documents().embedded()).isEqualTo(100);
    }

    @Test
    void tellsWhatTheRunHasCostAndNeverLessThanThat() {
        // given
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 400, Map.of(0, Counts.ZERO));
        assertThat(progress.snapshot().whole().costUsd()).isNull();
        assertThat(progress.snapshot().whole().batches()).isNull();

        // when
        money = new RunMoney(
                Optional.of(new BigDecimal("0.40000000001")),
                Optional.of(new BigDecimal("0.1")),
                Optional.of(new BatchCounts(4, 1, 2, 1)));
        now.set(Duration.ofSeconds(2).toNanos());
        progress.committed(0, counters(100, 100));

        // then
        assertThat(progress.snapshot().whole().costUsd()).isEqualTo("0.400001");
        assertThat(progress.snapshot().whole().estimatedCostUsd()).isEqualTo("0.10");
        assertThat(progress.snapshot().whole().batches()).isEqualTo(new Progress.Batches(4, 1, 2, 1));

        // and dollars have cents
        money = new RunMoney(Optional.of(new BigDecimal("100")), Optional.empty(), Optional.empty());
        progress.stored(state());
        assertThat(progress.snapshot().whole().costUsd()).isEqualTo("100.00");
    }

    @Test
    void aProcessThatRunsEveryShardIsTheWholeRun() {
        // given
        ProgressTracker progress = tracker(WorkUnit.DOCUMENTS, 400, Map.of(0, counters(100, 90)));

        // when
        progress.committed(1, counters(50, 50));
        progress.completed(1);

        // then
        assertThat(progress.snapshot().whole()).isEqualTo(whole(150, 140, 1));
    }

    private void commit(ProgressTracker progress, long seconds, long work) {
        now.set(Duration.ofSeconds(seconds).toNanos());
        progress.committed(0, counters(work, work));
    }

    private ProgressTracker tracker(WorkUnit unit, long work, Map<Integer, Counts> before) {
        Assignment assignment = new Assignment(
                new Progress.Process("default/test", 1, null), unit, work, new Progress.Planned(2, null, 2_000));
        RunState state = state(before.entrySet().stream()
                .map(shard -> new ShardState(shard.getKey(), 1_000, shard.getValue(), false))
                .toArray(ShardState[]::new));
        OtherShards none = new OtherShards(() -> RunTotals.ZERO, () -> money, 1, now::get);
        return new ProgressTracker(assignment, state, none, new FailureSample(() -> List.copyOf(stored)), now::get);
    }

    private static RunState state(ShardState... shards) {
        return new RunState(List.of(shards), 0, false, Instant.EPOCH);
    }

    private static Progress.Whole whole(long work, long embedded, int completeShards) {
        return new Progress.Whole(
                new Counts(work, embedded, work - embedded, 0, 0, 0, 0, 0, 0), completeShards, null, null, null);
    }

    private static Counts failed(long failed) {
        return new Counts(failed, 0, 0, failed, 0, 0, 0, 0, 0);
    }

    private static Counts counters(long work, long embedded) {
        return new Counts(work, embedded, work - embedded, 0, 0, 0, 0, 0, 0);
    }
}
