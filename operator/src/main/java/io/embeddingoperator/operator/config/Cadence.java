package io.embeddingoperator.operator.config;

import java.time.Duration;

/**
 * How often and how patiently the operator looks.
 *
 * @param status the least time between two writes of a status in which only numbers changed
 * @param progressTimeout how long a runner pod may take to answer
 * @param cancelTimeout how long a deleted EmbeddingJob waits for its batches to be cancelled before it goes all the same
 * @param concurrentReconciliations EmbeddingJobs that are looked at at the same time
 */
public record Cadence(
        Duration status, Duration progressTimeout, Duration cancelTimeout, int concurrentReconciliations) {
    public Cadence {
        Setting.between(status.toSeconds(), 1, 3600, OperatorVariable.STATUS_INTERVAL_SECONDS);
        Setting.between(progressTimeout.toMillis(), 10, 60_000, OperatorVariable.PROGRESS_TIMEOUT_MILLIS);
        Setting.between(cancelTimeout.toSeconds(), 1, 86_400, OperatorVariable.CANCEL_TIMEOUT_SECONDS);
        Setting.between(concurrentReconciliations, 1, 1000, OperatorVariable.CONCURRENT_RECONCILIATIONS);
    }
}
