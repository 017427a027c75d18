package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.RunnerImages;
import io.embeddingoperator.operator.desired.BatchGuard;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.status.NewEvent;
import io.embeddingoperator.operator.status.TerminationMessages;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what has to be done between the deletion of an EmbeddingJob and its end. */
final class DeletionActions {
    private static final Logger LOG = LoggerFactory.getLogger(DeletionActions.class);

    private final KubernetesClient client;
    private final RunnerImages images;
    private final Admission admission;
    private final RunInformers informers;
    private final JobEvents events;
    private final Duration limit;

    /** @param limit how long the batches may take to be cancelled */
    DeletionActions(
            KubernetesClient client,
            RunnerImages images,
            Admission admission,
            RunInformers informers,
            JobEvents events,
            Duration limit) {
        this.client = client;
        this.images = images;
        this.admission = admission;
        this.informers = informers;
        this.events = events;
        this.limit = limit;
    }

    void guard(EmbeddingJob manifest) {
        EmbeddingJob sinks = new EmbeddingJob();
        // The uid, so that another one of its name is refused.
        sinks.setMetadata(new ObjectMetaBuilder()
                .withUid(manifest.getMetadata().getUid())
                .addToAnnotations(BatchGuard.SINKS, BatchGuard.sinksWithOwn(manifest))
                .build());
        client.resource(manifest)
                .patch(Patches.FIELD, client.getKubernetesSerialization().asJson(sinks));
        PrimaryUpdateAndCacheUtils.addFinalizer(client, manifest, BatchGuard.FINALIZER);
    }

    /**
     * Creates the Job that cancels the batches.
     *
     * @throws Hindrance when Kubernetes does not allow it now
     * @throws io.embeddingoperator.operator.desired.SpecificationProblem when it can never be done
     */
    void prepareCancel(EmbeddingJob manifest) {
        if (!isHeld(manifest)) {
            return;
        }
        admission.check(manifest);
        Job desired = CancelJob.desired(manifest, images, limit);
        try {
            Job created = client.resource(desired).create();
            informers.created(created);
            LOG.info("created the Job {}", created.getMetadata().getName());
        } catch (KubernetesClientException e) {
            if (Refusal.isNamespaceGoing(e)) {
                letGo(manifest, Optional.empty(), Optional.of("the namespace is being deleted"));
                return;
            }
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw Refusal.of(e, desired);
            }
            Job present = client.resource(desired).get();
            if (present != null && !CancelJob.isOf(manifest, present)) {
                throw new Hindrance(
                        "a Job %s exists that is not of this EmbeddingJob: delete it, so that the batches can be cancelled"
                                .formatted(desired.getMetadata().getName()));
            }
        }
    }

    /**
     * Starts the Job; what its pod reads is there before it.
     *
     * @throws Hindrance when something of somebody else has the name of what its pod reads
     */
    void startCancel(EmbeddingJob manifest, Job job) {
        createConfigMap(CancelJob.configMap(manifest, job), job);
        Job started = client.resource(job).patch(Patches.FIELD, "{\"spec\":{\"suspend\":false}}");
        if (started != null) {
            informers.changed(job, started);
            LOG.info("started the Job {}", started.getMetadata().getName());
        }
    }

    /** It may be there already, from a pass that came no further. */
    private void createConfigMap(ConfigMap desired, Job job) {
        try {
            client.resource(desired).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw Refusal.of(e, desired);
            }
            ConfigMap present = client.resource(desired).get();
            if (present == null) {
                throw e;
            }
            String uid = job.getMetadata().getUid();
            if (present.getMetadata().getOwnerReferences().stream().noneMatch(owner -> uid.equals(owner.getUid()))) {
                throw new Hindrance(
                        "a ConfigMap %s exists that is not of this EmbeddingJob: delete it, so that the batches can be cancelled"
                                .formatted(desired.getMetadata().getName()));
            }
        }
    }

    /** Lets the EmbeddingJob go; the Job that cancelled its batches goes with it. */
    void letGo(EmbeddingJob manifest, Optional<Job> cancel, Optional<String> warning) {
        if (isHeld(manifest)) {
            warning.ifPresent(reason -> warn(manifest, reason + words(cancel)));
            removeFinalizer(manifest);
        }
        cancel.ifPresent(job -> client.resource(job)
                .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                .delete());
    }

    private void warn(EmbeddingJob manifest, String reason) {
        String sentence = reason + ": batches may still be at work at OpenAI and cost money, look at them there";
        LOG.warn("{}", sentence);
        events.publish(manifest, List.of(new NewEvent(NewEvent.Type.Warning, "BatchesNotCancelled", sentence)));
    }

    private void removeFinalizer(EmbeddingJob manifest) {
        try {
            PrimaryUpdateAndCacheUtils.removeFinalizer(client, manifest, BatchGuard.FINALIZER);
        } catch (KubernetesClientException e) {
            // Somebody else was faster, and it is gone.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Asked of the API server: a cache may still show a job that was let go, and its batches are not cancelled twice. */
    private boolean isHeld(EmbeddingJob manifest) {
        EmbeddingJob present = client.resource(manifest).get();
        return present != null
                && present.getMetadata().getUid().equals(manifest.getMetadata().getUid())
                && BatchGuard.isSet(present);
    }

    /** What the runner said that should have cancelled them, with a colon in front. */
    private String words(Optional<Job> cancel) {
        return cancel.stream()
                .flatMap(job -> informers.pods(job).stream())
                .map(TerminationMessages::finalProgress)
                .flatMap(Optional::stream)
                .map(said -> said.message())
                .filter(Objects::nonNull)
                .findFirst()
                .map(": "::concat)
                .orElse("");
    }
}
