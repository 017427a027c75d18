package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.status.StatusChange;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Writes a status when it says something new: at once when more than numbers changed, else once an interval. What is
 * worth an event is told after the write, so that nobody hears of what the status does not say.
 */
final class StatusWriter {
    private final StatusCadence cadence;
    private final JobEvents events;
    private final OperatorMetrics metrics;
    private final Clock clock;

    StatusWriter(Duration interval, JobEvents events, OperatorMetrics metrics, Clock clock) {
        this.cadence = new StatusCadence(interval);
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** @return how long until what was not written now may be written; zero when nothing is left to write */
    Duration write(EmbeddingJob job, EmbeddingJobStatus status, Context<EmbeddingJob> context) {
        if (status.equals(job.getStatus())) {
            return Duration.ZERO;
        }
        StatusChange change = new StatusChange(job.getStatus(), status);
        Instant now = clock.instant();
        String uid = job.getMetadata().getUid();
        Duration delay = change.isUrgent() ? Duration.ZERO : cadence.delay(uid, now);
        if (delay.isPositive()) {
            metrics.statusDeferred();
            return delay;
        }
        PrimaryUpdateAndCacheUtils.ssaPatchStatusAndCacheResource(job, statusOf(job, status), context);
        cadence.written(uid, now);
        metrics.statusWritten();
        events.publish(job, change.events());
        return Duration.ZERO;
    }

    /** Server-side apply takes what it is given as all that the operator wants to own: nothing but the status. */
    private static EmbeddingJob statusOf(EmbeddingJob job, EmbeddingJobStatus status) {
        EmbeddingJob fresh = new EmbeddingJob();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(job.getMetadata().getName())
                .withNamespace(job.getMetadata().getNamespace())
                .build());
        fresh.setStatus(status);
        return fresh;
    }
}
