package io.embeddingoperator.operator.config;

import java.time.Duration;

/**
 * How often and how patiently the operator looks.
 *
 * @param status the least time between two writes of a status in which only numbers changed
 * @param progressTimeout how long a runner pod may take to answer
 * @param concurrentReconciliations EmbeddingJobs that are looked at at the same time
 */
public record Cadence(Duration status, Duration progressTimeout, int concurrentReconciliations) {
    public Cadence {
        Setting.between(status.toSeconds(), 1, 3600, OperatorVariable.STATUS_INTERVAL_SECONDS);
        Setting.between(progressTimeout.toMillis(), 10, 60_000, OperatorVariable.PROGRESS_TIMEOUT_MILLIS);
        Setting.between(concurrentReconciliations, 1, 1000, OperatorVariable.CONCURRENT_RECONCILIATIONS);
    }
}
