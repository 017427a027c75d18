package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.status.StatusChange;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Writes a status when it says something new: at once when more than numbers changed, else once an interval. What is
 * worth an event is told after the write, so that nobody hears of what the status does not say.
 */
final class StatusWriter {
    private static final Duration NO_HURRY = Duration.ofDays(1);

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

    /**
     * Writes it, unless it says nothing new or can wait.
     *
     * @param numbersMayWait how long mere numbers may wait for newer ones, though it is their turn
     * @return when to look again on its account, at the latest
     */
    Duration write(
            EmbeddingJob job, EmbeddingJobStatus status, Duration numbersMayWait, Context<EmbeddingJob> context) {
        if (status.equals(job.getStatus())) {
            return NO_HURRY;
        }
        StatusChange change = new StatusChange(job.getStatus(), status);
        Instant now = clock.instant();
        String uid = job.getMetadata().getUid();
        Duration delay = change.isUrgent() ? Duration.ZERO : cadence.delay(uid, now, numbersMayWait);
        if (delay.isPositive()) {
            metrics.statusDeferred();
            return delay;
        }
        try {
            PrimaryUpdateAndCacheUtils.updateAndCacheResource(
                    job,
                    context,
                    newest -> statusOf(same(job, newest), status),
                    desired -> context.getClient()
                            .resource(desired)
                            .subresource("status")
                            .patch(Patches.WHOLE));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                // Deleted a moment ago, and perhaps made again: there is nobody left to tell.
                return NO_HURRY;
            }
            throw e;
        }
        cadence.written(uid, now);
        metrics.statusWritten();
        events.publish(job, change.events());
        // What stands in the status decides what may be done next: a Job is let go once its end is written down.
        return change.isUrgent() ? EmbeddingJobReconciler.AFTER_A_STEP : NO_HURRY;
    }

    /**
     * After a conflict the SDK tries again with what has the name by then.
     *
     * @throws KubernetesClientException as if it were not there, when that is another one
     */
    private static EmbeddingJob same(EmbeddingJob job, EmbeddingJob newest) {
        if (!job.getMetadata().getUid().equals(newest.getMetadata().getUid())) {
            throw new KubernetesClientException(
                    "another EmbeddingJob has its name", HttpURLConnection.HTTP_NOT_FOUND, null);
        }
        return newest;
    }

    /**
     * Server-side apply takes what it is given as all that the operator wants to own: nothing but the status. The uid has it
     * refused for another job of the same name.
     */
    private static EmbeddingJob statusOf(EmbeddingJob job, EmbeddingJobStatus status) {
        EmbeddingJob fresh = new EmbeddingJob();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(job.getMetadata().getName())
                .withNamespace(job.getMetadata().getNamespace())
                .withUid(job.getMetadata().getUid())
                .build());
        fresh.setStatus(status);
        return fresh;
    }
}
