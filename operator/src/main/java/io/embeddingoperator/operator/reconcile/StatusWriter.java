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
 * Writes a status when it says something new: at once when more than numbers changed, else once an interval. Events are
 * published after the write, so that none of them tells what the status does not say.
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
     * Writes the status, unless it says nothing new or can wait.
     *
     * @param numbersMayWait how long mere numbers may wait for newer ones once the interval is over
     * @return when to reconcile again for the sake of this status, at the latest
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
                // The EmbeddingJob was deleted a moment ago, and perhaps created again: its status has no reader.
                return NO_HURRY;
            }
            throw e;
        }
        cadence.written(uid, now);
        metrics.statusWritten();
        events.publish(job, change.events());
        // The next action depends on what stands in the status: a Job may be cleaned up once its end is written there.
        return change.isUrgent() ? EmbeddingJobReconciler.AFTER_A_STEP : NO_HURRY;
    }

    /**
     * After a conflict the SDK tries again with the newest EmbeddingJob of the name.
     *
     * @throws KubernetesClientException as for a deleted EmbeddingJob, when that is another one
     */
    private static EmbeddingJob same(EmbeddingJob job, EmbeddingJob newest) {
        if (!job.getMetadata().getUid().equals(newest.getMetadata().getUid())) {
            throw new KubernetesClientException(
                    "another EmbeddingJob has its name", HttpURLConnection.HTTP_NOT_FOUND, null);
        }
        return newest;
    }

    /**
     * Server-side apply takes what it is given as all that the operator wants to own: nothing but the status. With the uid the API
     * server refuses it for another job of the same name.
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
