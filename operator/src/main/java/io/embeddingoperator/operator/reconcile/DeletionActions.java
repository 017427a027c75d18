package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.RunnerImages;
import io.embeddingoperator.operator.decide.NextAction;
import io.embeddingoperator.operator.desired.BatchFinalizer;
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

/** Carries out the steps that make sure that no batch is left at work when an EmbeddingJob is deleted. */
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

    /**
     * Carries out a step.
     *
     * @param cancel the Job that cancels the batches, once it was created
     * @throws BlockedException when Kubernetes does not allow the step now
     * @throws io.embeddingoperator.operator.desired.SpecificationProblem when the manifest has to be edited first
     */
    void carryOut(NextAction.BatchStep step, EmbeddingJob manifest, Optional<Job> cancel) {
        switch (step) {
            case NextAction.AddFinalizer() -> addFinalizer(manifest);
            case NextAction.CreateCancelJob() -> createCancelJob(manifest);
            case NextAction.StartCancelJob(Job job) -> startCancelJob(manifest, job);
            case NextAction.RemoveFinalizer(Optional<String> warning) -> release(manifest, cancel, warning);
        }
    }

    private void addFinalizer(EmbeddingJob manifest) {
        EmbeddingJob sinks = new EmbeddingJob();
        // With the uid the API server refuses the patch for a newer EmbeddingJob of the same name.
        sinks.setMetadata(new ObjectMetaBuilder()
                .withUid(manifest.getMetadata().getUid())
                .addToAnnotations(BatchFinalizer.SINKS, BatchFinalizer.sinksWithOwn(manifest))
                .build());
        client.resource(manifest)
                .patch(Patches.FIELD, client.getKubernetesSerialization().asJson(sinks));
        PrimaryUpdateAndCacheUtils.addFinalizer(client, manifest, BatchFinalizer.NAME);
    }

    private void createCancelJob(EmbeddingJob manifest) {
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
                release(manifest, Optional.empty(), Optional.of("the namespace is being deleted"));
                return;
            }
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw Refusal.of(e, desired);
            }
            Job present = client.resource(desired).get();
            if (present != null && !CancelJob.isOf(manifest, present)) {
                throw new BlockedException(
                        "a Job %s exists that is not of this EmbeddingJob: delete it, so that the batches can be cancelled"
                                .formatted(desired.getMetadata().getName()));
            }
        }
    }

    /** The ConfigMap comes first, so that the pod finds it. */
    private void startCancelJob(EmbeddingJob manifest, Job job) {
        createConfigMap(CancelJob.configMap(manifest, job), job);
        Job started = client.resource(job).patch(Patches.FIELD, "{\"spec\":{\"suspend\":false}}");
        if (started != null) {
            informers.changed(job, started);
            LOG.info("started the Job {}", started.getMetadata().getName());
        }
    }

    /** The ConfigMap may exist already, from a pass that failed after it. */
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
                throw new BlockedException(
                        "a ConfigMap %s exists that is not of this EmbeddingJob: delete it, so that the batches can be cancelled"
                                .formatted(desired.getMetadata().getName()));
            }
        }
    }

    /** Removes the finalizer, so that Kubernetes deletes the EmbeddingJob, and deletes the Job that cancelled its batches. */
    void release(EmbeddingJob manifest, Optional<Job> cancel, Optional<String> warning) {
        if (isHeld(manifest)) {
            warning.ifPresent(reason -> warn(manifest, reason + message(cancel)));
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
            PrimaryUpdateAndCacheUtils.removeFinalizer(client, manifest, BatchFinalizer.NAME);
        } catch (KubernetesClientException e) {
            // Another client removed the finalizer first, and the EmbeddingJob is deleted.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    /** Asks the API server: a cache may still show an EmbeddingJob that was deleted, whose batches must not be cancelled twice. */
    private boolean isHeld(EmbeddingJob manifest) {
        EmbeddingJob present = client.resource(manifest).get();
        return present != null
                && present.getMetadata().getUid().equals(manifest.getMetadata().getUid())
                && BatchFinalizer.isSet(present);
    }

    /** The final message of the runner that should have cancelled the batches, with a colon in front. */
    private String message(Optional<Job> cancel) {
        return cancel.stream()
                .flatMap(job -> informers.pods(job).stream())
                .map(TerminationMessages::finalProgress)
                .flatMap(Optional::stream)
                .map(Progress::message)
                .filter(Objects::nonNull)
                .findFirst()
                .map(": "::concat)
                .orElse("");
    }
}
