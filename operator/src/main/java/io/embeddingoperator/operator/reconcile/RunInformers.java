package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.desired.RunLabels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The child objects of all EmbeddingJobs, as the API server told of them last. The informers select objects by the operator's
 * label: the memory that they take does not grow with what else runs in the cluster.
 */
final class RunInformers {
    /**
     * Objects in one answer of the API server: each may take a megabyte and a half on its way in, of which a few hundred bytes are
     * kept, and a list without a limit comes in one piece.
     */
    public static final long LIST_LIMIT = 20;

    private static final String OWNER = "owner";

    private final InformerEventSource<Job, EmbeddingJob> jobs;
    private final InformerEventSource<Pod, EmbeddingJob> pods;
    private final TerminationReports terminationReports = new TerminationReports();
    private final InformerEventSource<ConfigMap, EmbeddingJob> configMaps;

    RunInformers(EventSourceContext<EmbeddingJob> context) {
        // The Job that cancels batches has no owner, and another client may remove a Job's label: one of the two tells.
        SecondaryToPrimaryMapper<Job> owner = Mappers.fromOwnerReferences(EmbeddingJob.class);
        jobs = informer(
                Job.class,
                job -> Stream.concat(owner.toPrimaryResourceIDs(job).stream(), embeddingJobOf(job).stream())
                        .collect(Collectors.toSet()),
                this::jobDeleted,
                context);
        configMaps = informer(ConfigMap.class, Mappers.fromOwnerReferences(EmbeddingJob.class), _ -> {}, context);
        // A pod is owned by its Job: the EmbeddingJob stands in its labels.
        pods = informer(Pod.class, RunInformers::embeddingJobOf, this::podDeleted, context);
        pods.addIndexers(Map.of(OWNER, RunInformers::owners));
    }

    List<EventSource<?, EmbeddingJob>> eventSources() {
        return List.of(jobs, pods, configMaps);
    }

    /** Whether every child object of a namespace was listed: before that, an object that is not in the cache may exist. */
    boolean haveListed(String namespace) {
        return Listing.isComplete(List.of(jobs, pods, configMaps), namespace);
    }

    /** The child objects of an EmbeddingJob, never those of a deleted one that had its name. */
    ObservedRun observe(EmbeddingJob manifest) {
        return ObservedRun.of(
                manifest,
                owned(jobs.getSecondaryResources(manifest), manifest),
                jobs.get(new ResourceID(
                                CancelJob.name(manifest), manifest.getMetadata().getNamespace()))
                        .filter(job -> CancelJob.isOf(manifest, job)),
                owned(configMaps.getSecondaryResources(manifest), manifest));
    }

    /** The pods of a Job, ended ones included. */
    List<Pod> pods(Job job) {
        return pods.byIndex(OWNER, job.getMetadata().getUid());
    }

    /** The most complete of the final reports of the Job's runners whose pods were deleted. */
    Optional<Progress> terminationReport(Job job) {
        return terminationReports.of(job.getMetadata().getUid());
    }

    /** Lets the next reconciliation see the new object, even before the API server sends its event. */
    void created(Job job) {
        jobs.handleRecentResourceCreate(ResourceID.fromResource(job), job);
    }

    void created(ConfigMap configMap) {
        configMaps.handleRecentResourceCreate(ResourceID.fromResource(configMap), configMap);
    }

    void changed(Job before, Job after) {
        jobs.handleRecentResourceUpdate(ResourceID.fromResource(after), after, before);
    }

    void changed(ConfigMap before, ConfigMap after) {
        configMaps.handleRecentResourceUpdate(ResourceID.fromResource(after), after, before);
    }

    /** A pod whose Job is gone leaves no report: only the status of a Job needs one. */
    private void podDeleted(Pod pod) {
        for (OwnerReference owner : pod.getMetadata().getOwnerReferences()) {
            jobs.get(new ResourceID(owner.getName(), pod.getMetadata().getNamespace()))
                    .filter(job -> owner.getUid().equals(job.getMetadata().getUid()))
                    .ifPresent(job -> terminationReports.add(owner.getUid(), pod));
        }
    }

    private void jobDeleted(Job job) {
        terminationReports.forget(job.getMetadata().getUid());
    }

    /** @param deleted is called for every object that was deleted, before the reconciler is */
    private static <R extends HasMetadata> InformerEventSource<R, EmbeddingJob> informer(
            Class<R> type,
            SecondaryToPrimaryMapper<R> primary,
            Consumer<R> deleted,
            EventSourceContext<EmbeddingJob> context) {
        InformerEventSourceConfiguration<R> configuration = InformerEventSourceConfiguration.from(
                        type, EmbeddingJob.class)
                .withName(type.getSimpleName())
                .withLabelSelector(RunLabels.SELECTOR)
                .withSecondaryToPrimaryMapper(primary)
                .withNamespacesInheritedFromController()
                .withInformerListLimit(LIST_LIMIT)
                .build();
        return new InformerEventSource<>(configuration, context) {
            @Override
            public void onDelete(R object, boolean deletedFinalStateUnknown) {
                deleted.accept(object);
                super.onDelete(object, deletedFinalStateUnknown);
            }
        };
    }

    private static Set<ResourceID> embeddingJobOf(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getLabels())
                .map(labels -> labels.get(RunLabels.JOB))
                .map(name -> Set.of(new ResourceID(name, object.getMetadata().getNamespace())))
                .orElse(Set.of());
    }

    private static List<String> owners(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .map(OwnerReference::getUid)
                .toList();
    }

    private static <R extends HasMetadata> List<R> owned(Set<R> objects, EmbeddingJob owner) {
        String uid = owner.getMetadata().getUid();
        return objects.stream().filter(object -> owners(object).contains(uid)).toList();
    }
}
