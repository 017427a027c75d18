package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
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

/**
 * The child objects of all EmbeddingJobs, as the API server told of them last. Only objects with the operator's label
 * are asked for: the memory that this takes does not grow with what else runs in the cluster.
 */
final class RunInformers {
    private static final String OWNER = "owner";

    private final InformerEventSource<Job, EmbeddingJob> jobs;
    private final InformerEventSource<Pod, EmbeddingJob> pods;
    private final InformerEventSource<ConfigMap, EmbeddingJob> configMaps;

    RunInformers(EventSourceContext<EmbeddingJob> context) {
        jobs = informer(Job.class, Mappers.fromOwnerReferences(EmbeddingJob.class), context);
        configMaps = informer(ConfigMap.class, Mappers.fromOwnerReferences(EmbeddingJob.class), context);
        // A pod is owned by its Job: the EmbeddingJob stands in its labels.
        pods = informer(Pod.class, RunInformers::embeddingJobOf, context);
        pods.addIndexers(Map.of(OWNER, RunInformers::owners));
    }

    List<EventSource<?, EmbeddingJob>> eventSources() {
        return List.of(jobs, pods, configMaps);
    }

    /** The child objects of an EmbeddingJob, never those of a deleted one that had its name. */
    ObservedRun observe(EmbeddingJob manifest) {
        return ObservedRun.of(
                manifest,
                owned(jobs.getSecondaryResources(manifest), manifest),
                owned(configMaps.getSecondaryResources(manifest), manifest));
    }

    /** The pods of a Job, ended ones included. */
    List<Pod> pods(Job job) {
        return pods.byIndex(OWNER, job.getMetadata().getUid());
    }

    /** Lets the next reconciliation see what was created, even before the API server tells of it. */
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

    private static <R extends HasMetadata> InformerEventSource<R, EmbeddingJob> informer(
            Class<R> type, SecondaryToPrimaryMapper<R> primary, EventSourceContext<EmbeddingJob> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, EmbeddingJob.class)
                        .withName(type.getSimpleName())
                        .withLabelSelector(RunLabels.SELECTOR)
                        .withSecondaryToPrimaryMapper(primary)
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
    }

    private static Set<ResourceID> embeddingJobOf(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels().get(RunLabels.JOB))
                .map(name -> Set.of(new ResourceID(name, pod.getMetadata().getNamespace())))
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
