package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A job to which things happen in mid-run, watched from its first moment: after each of them every document has to be
 * there once, and the status must have told the truth all the time.
 */
public final class DisruptedJob implements AutoCloseable {
    /** Enough for two windows of each shard, so that there is a middle of the run. */
    public static final int DOCUMENTS = 2_000;

    private final TestingJob job;
    private final StatusHistory history;
    private int disruptions;

    private DisruptedJob(TestingJob job) {
        this.job = job;
        this.history = StatusHistory.of(job);
    }

    /** A job of four shards, two at a time, that was just applied. */
    public static DisruptedJob start(TestingCluster cluster) {
        return start(cluster, UnaryOperator.identity());
    }

    /** The same after a change of the manifest's text. */
    public static DisruptedJob start(TestingCluster cluster, UnaryOperator<String> change) {
        DisruptedJob disrupted = new DisruptedJob(TestingJob.prepare(cluster, DOCUMENTS));
        disrupted.job.apply(change);
        return disrupted;
    }

    public TestingJob job() {
        return job;
    }

    public StatusHistory history() {
        return history;
    }

    /** Waits until the status tells of a committed window. */
    public void awaitFirstWindow() {
        job.await("the first window", seen -> embedded(seen.status()) > 0);
    }

    /** Waits until the database holds more documents than now: a runner embeds. */
    public void awaitMoreDocuments() {
        awaitMoreDocumentsThan(job.storedDocuments());
    }

    /** The same of a number that was counted before: runners that have little left may be through by now. */
    public void awaitMoreDocumentsThan(long counted) {
        job.await("more documents than " + counted, seen -> seen.storedDocuments() > counted);
    }

    /** Does something to the job, which has to be in the middle of its run. */
    public void disrupt(Runnable disruption) {
        assertThat(job.storedDocuments())
                .as("documents stored in the middle of the run")
                .isLessThan(DOCUMENTS);
        disruptions++;
        disruption.run();
    }

    /**
     * The job completes, the rows are those of a run to which nothing happened, the numbers are true and always were, and people
     * were told once.
     */
    public void assertUnharmed() {
        assertUnharmedAfterRestart(null);
    }

    /** The same of a run whose Job was started again so often, as its pods could not say that the sink is complete. */
    public void assertUnharmedAfterRestart(Integer restarts) {
        job.awaitComplete();
        job.assertEveryDocumentOnce();
        assertThat(job.rows()).isEqualTo(UndisturbedRun.rows(DOCUMENTS));
        EmbeddingJobStatus status = job.status();
        assertThat(job.word()).isEqualTo("Complete");
        assertThat(status.documents().total()).isEqualTo(DOCUMENTS);
        assertThat(status.documents().embedded() + status.documents().skipped()).isEqualTo(DOCUMENTS);
        assertThat(status.documents().percent()).isEqualTo(100);
        assertThat(status.restarts()).as("restarts of the Job").isEqualTo(restarts);
        assertThat(status.shards().succeeded()).isEqualTo(status.shards().total());
        history.assertNeverWentBack();
        assertNoEndlessEvents();
    }

    /**
     * Each disruption may be told of, and that the job goes on after it; the end is told of once. A runner that has waited for half a
     * minute says for what, as for a lock of one that stands still, and the job goes on after that too.
     */
    private void assertNoEndlessEvents() {
        Map<String, Long> told = job.eventsByReason();
        long expected = disruptions + 1L;
        long waits = told.getOrDefault("Stalled", 0L);
        assertThat(told).as("events by reason").containsEntry("Complete", 1L);
        assertThat(told)
                .as("events by reason after %d disruptions", disruptions)
                .allSatisfy((reason, times) -> assertThat(times)
                        .as(reason)
                        .isLessThanOrEqualTo(reason.equals("Running") ? expected + waits : expected));
    }

    private static long embedded(EmbeddingJobStatus status) {
        return status == null
                        || status.documents() == null
                        || status.documents().embedded() == null
                ? 0
                : status.documents().embedded();
    }

    @Override
    public void close() {
        history.close();
    }
}
