package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.RunnerImages;
import io.embeddingoperator.operator.decide.NextAction;
import io.embeddingoperator.operator.desired.BudgetPause;
import io.embeddingoperator.operator.desired.OwnSuspension;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what was decided, each change as small as it can be: the operator creates a Job once, and after that sends only the
 * one field that should change. Fields that Kueue, the Job controller or a person set in it stay as they are.
 */
final class RunActions {
    private static final Logger LOG = LoggerFactory.getLogger(RunActions.class);

    private final KubernetesClient client;
    private final RunnerImages images;
    private final Admission admission;
    private final RunInformers informers;
    private final DeletionActions deletion;
    private final Clock clock;

    RunActions(
            KubernetesClient client,
            RunnerImages images,
            Admission admission,
            RunInformers informers,
            DeletionActions deletion,
            Clock clock) {
        this.client = client;
        this.images = images;
        this.admission = admission;
        this.informers = informers;
        this.deletion = deletion;
        this.clock = clock;
    }

    /**
     * Carries out the action.
     *
     * @return the run as it is after that; the same object when nothing changed
     * @throws BlockedException when Kubernetes does not allow the action now
     * @throws io.embeddingoperator.operator.desired.SpecificationProblem when the manifest has to be edited first
     */
    ObservedRun carryOut(NextAction action, EmbeddingJob manifest, ObservedRun run) {
        return switch (action) {
            case NextAction.CreateRun() -> create(manifest, run);
            case NextAction.JobDeletion step -> delete(step.job(), run);
            case NextAction.JobChange change -> change(change, manifest, run);
            case NextAction.BatchStep step -> {
                deletion.carryOut(step, manifest, run.cancel());
                yield run;
            }
            case NextAction.Idle _ -> run;
        };
    }

    private ObservedRun change(NextAction.JobChange change, EmbeddingJob manifest, ObservedRun run) {
        return switch (change) {
            case NextAction.Scale(int parallelism) ->
                set(run.job().orElseThrow(), "parallelism", parallelism)
                        .map(run::with)
                        .orElse(run);
            case NextAction.Suspend() -> suspend(run, true, "\"%s\":\"true\"".formatted(OwnSuspension.ANNOTATION));
            case NextAction.PauseAtBudget(String usd) ->
                suspend(run, true, "\"%s\":\"%s\"".formatted(BudgetPause.ANNOTATION, usd));
            // The pods that start then read the limits that they start for.
            case NextAction.Resume() -> resume(keepConfigMap(manifest, run));
            case NextAction.Expire(Job ended, int seconds) -> {
                set(ended, "ttlSecondsAfterFinished", seconds);
                yield run;
            }
        };
    }

    /**
     * Keeps the ConfigMap of the run as the manifest says it, so that pods that start later take the newest limits, and deletes the
     * ConfigMaps that no pod reads any more.
     */
    void tidyConfigMaps(EmbeddingJob manifest, ObservedRun run) {
        if (run.job().filter(job -> !ObservedRun.isFinished(job)).isPresent()) {
            keepConfigMap(manifest, run);
        }
        run.unusedConfigMaps().forEach(unused -> client.resource(unused).delete());
    }

    private ObservedRun keepConfigMap(EmbeddingJob manifest, ObservedRun run) {
        if (run.configMap().isEmpty()) {
            ConfigMap created = create(RunnerConfigMap.desired(manifest), manifest);
            informers.created(created);
            return run.with(created);
        }
        ConfigMap present = run.configMap().get();
        if (RunnerConfigMap.isCurrent(present, manifest)) {
            return run;
        }
        ConfigMap changed = client.resource(RunnerConfigMap.changed(manifest, clock.instant()))
                .patch(Patches.WHOLE);
        informers.changed(present, changed);
        return run.with(changed);
    }

    /** The ConfigMap comes first, so that the pods find it. */
    private ObservedRun create(EmbeddingJob manifest, ObservedRun run) {
        admission.check(manifest);
        Job desired = RunnerJob.desired(manifest, images);
        ObservedRun readable = keepConfigMap(manifest, run);
        Job created = create(desired, manifest);
        informers.created(created);
        LOG.info("created the Job {}", created.getMetadata().getName());
        return readable.with(created);
    }

    private ObservedRun resume(ObservedRun run) {
        return suspend(
                run, false, "\"%s\":null,\"%s\":null".formatted(OwnSuspension.ANNOTATION, BudgetPause.ANNOTATION));
    }

    private ObservedRun suspend(ObservedRun run, boolean suspended, String note) {
        return patch(
                        run.job().orElseThrow(),
                        "{\"metadata\":{\"annotations\":{%s}},\"spec\":{\"suspend\":%s}}".formatted(note, suspended))
                .map(run::with)
                .orElse(run);
    }

    /** @return the changed Job; empty when it was deleted meanwhile, of which an event tells */
    private Optional<Job> set(Job job, String field, Object value) {
        return patch(job, "{\"spec\":{\"%s\":%s}}".formatted(field, value));
    }

    private Optional<Job> patch(Job job, String merge) {
        Optional<Job> changed = Optional.ofNullable(client.resource(job).patch(Patches.FIELD, merge));
        changed.ifPresent(after -> {
            informers.changed(job, after);
            LOG.info("changed the Job {}: {}", after.getMetadata().getName(), merge);
        });
        return changed;
    }

    /** In the foreground: the Job exists until the last of its pods has ended, and an event tells of its deletion. */
    private ObservedRun delete(Job job, ObservedRun run) {
        if (job.getMetadata().getDeletionTimestamp() == null) {
            client.resource(job)
                    .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                    .delete();
            LOG.info("deleted the Job {}", job.getMetadata().getName());
        }
        return run;
    }

    /** Creates the object; one that has its name already is taken over only when the EmbeddingJob owns it. */
    private <R extends HasMetadata> R create(R desired, EmbeddingJob manifest) {
        try {
            return client.resource(desired).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return adopt(desired, manifest, e);
            }
            throw Refusal.of(e, desired);
        }
    }

    private <R extends HasMetadata> R adopt(R desired, EmbeddingJob manifest, KubernetesClientException conflict) {
        R present = client.resource(desired).get();
        if (present == null) {
            throw conflict;
        }
        ForeignObject.refuse(present, manifest);
        // The informers did not show it: it is too new, or another client removed the labels that they select by.
        // With the uid the API server refuses the patch for a newer object of the same name.
        Map<String, Object> labelled = Map.of(
                "metadata",
                Map.of(
                        "uid", present.getMetadata().getUid(),
                        "labels", desired.getMetadata().getLabels()));
        return client.resource(present)
                .patch(Patches.FIELD, client.getKubernetesSerialization().asJson(labelled));
    }
}
