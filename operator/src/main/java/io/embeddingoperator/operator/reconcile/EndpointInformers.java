package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EndpointModel;
import io.embeddingoperator.operator.desired.EndpointLabels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.Mappers;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The child objects of all EmbeddingEndpoints, and the EmbeddingJobs whose models they answer with, as the API server told of them
 * last.
 */
final class EndpointInformers {
    private static final String OF_JOB = "of-job";

    private final InformerEventSource<Deployment, EmbeddingEndpoint> deployments;
    private final InformerEventSource<Service, EmbeddingEndpoint> services;
    private final InformerEventSource<PodDisruptionBudget, EmbeddingEndpoint> budgets;
    private final InformerEventSource<HorizontalPodAutoscaler, EmbeddingEndpoint> autoscalers;
    private final InformerEventSource<Pod, EmbeddingEndpoint> pods;
    private final InformerEventSource<EmbeddingJob, EmbeddingEndpoint> jobs;

    EndpointInformers(EventSourceContext<EmbeddingEndpoint> context) {
        deployments = informer(Deployment.class, Mappers.fromOwnerReferences(EmbeddingEndpoint.class), context);
        services = informer(Service.class, Mappers.fromOwnerReferences(EmbeddingEndpoint.class), context);
        budgets = informer(PodDisruptionBudget.class, Mappers.fromOwnerReferences(EmbeddingEndpoint.class), context);
        // Its controller writes to it every few seconds; what another client changes of it is undone with the next
        // pass.
        autoscalers = informer(
                HorizontalPodAutoscaler.class,
                Mappers.fromOwnerReferences(EmbeddingEndpoint.class),
                (_, _) -> false,
                context);
        // A pod is owned by a ReplicaSet: the EmbeddingEndpoint stands in its labels.
        pods = informer(Pod.class, EndpointInformers::endpointOf, context);
        IndexerResourceCache<EmbeddingEndpoint> endpoints = context.getPrimaryCache();
        endpoints.addIndexer(OF_JOB, EndpointInformers::jobOf);
        jobs = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(EmbeddingJob.class, EmbeddingEndpoint.class)
                        .withName(EmbeddingJob.class.getSimpleName())
                        .withSecondaryToPrimaryMapper(job -> endpoints.byIndex(OF_JOB, key(job)).stream()
                                .map(ResourceID::fromResource)
                                .collect(Collectors.toSet()))
                        // The numbers of a run are no matter of an endpoint.
                        .withOnUpdateFilter((after, before) -> !Objects.equals(
                                after.getMetadata().getGeneration(),
                                before.getMetadata().getGeneration()))
                        .withNamespacesInheritedFromController()
                        .withInformerListLimit(RunInformers.LIST_LIMIT)
                        .build(),
                context);
    }

    List<EventSource<?, EmbeddingEndpoint>> eventSources() {
        return List.of(deployments, services, budgets, autoscalers, pods, jobs);
    }

    /** Whether every object of a namespace was listed: before that, an object that is not in the cache may exist. */
    boolean haveListed(String namespace) {
        return Listing.isComplete(List.of(deployments, services, budgets, autoscalers, pods, jobs), namespace);
    }

    Optional<EmbeddingJob> job(EmbeddingEndpoint endpoint, String name) {
        return jobs.get(new ResourceID(name, endpoint.getMetadata().getNamespace()));
    }

    Optional<Deployment> deployment(EmbeddingEndpoint endpoint) {
        return owned(deployments, endpoint);
    }

    Optional<HorizontalPodAutoscaler> autoscaler(EmbeddingEndpoint endpoint) {
        return owned(autoscalers, endpoint);
    }

    /** Whether the endpoint has its object of this kind; one that is too new to be known counts as none. */
    boolean has(EmbeddingEndpoint endpoint, HasMetadata desired) {
        return switch (desired) {
            case Deployment _ -> owned(deployments, endpoint).isPresent();
            case Service _ -> owned(services, endpoint).isPresent();
            case PodDisruptionBudget _ -> owned(budgets, endpoint).isPresent();
            case HorizontalPodAutoscaler _ -> owned(autoscalers, endpoint).isPresent();
            default -> false;
        };
    }

    /** The pods of an endpoint, those of older manifests too. */
    List<Pod> pods(EmbeddingEndpoint endpoint) {
        return List.copyOf(pods.getSecondaryResources(endpoint));
    }

    private static <R extends HasMetadata> Optional<R> owned(
            InformerEventSource<R, EmbeddingEndpoint> objects, EmbeddingEndpoint endpoint) {
        String uid = endpoint.getMetadata().getUid();
        return objects.getSecondaryResources(endpoint).stream()
                .filter(object -> object.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> uid.equals(owner.getUid())))
                .findFirst();
    }

    private static <R extends HasMetadata> InformerEventSource<R, EmbeddingEndpoint> informer(
            Class<R> type, SecondaryToPrimaryMapper<R> primary, EventSourceContext<EmbeddingEndpoint> context) {
        return informer(type, primary, (_, _) -> true, context);
    }

    /** @param isNews whether an update, of which the newer state comes first, is worth a pass */
    private static <R extends HasMetadata> InformerEventSource<R, EmbeddingEndpoint> informer(
            Class<R> type,
            SecondaryToPrimaryMapper<R> primary,
            OnUpdateFilter<R> isNews,
            EventSourceContext<EmbeddingEndpoint> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, EmbeddingEndpoint.class)
                        .withName(type.getSimpleName())
                        .withLabelSelector(EndpointLabels.SELECTOR)
                        .withSecondaryToPrimaryMapper(primary)
                        .withOnUpdateFilter(isNews)
                        .withNamespacesInheritedFromController()
                        .withInformerListLimit(RunInformers.LIST_LIMIT)
                        .build(),
                context);
    }

    private static Set<ResourceID> endpointOf(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels())
                .map(labels -> labels.get(EndpointLabels.ENDPOINT))
                .map(name -> Set.of(new ResourceID(name, pod.getMetadata().getNamespace())))
                .orElse(Set.of());
    }

    private static List<String> jobOf(EmbeddingEndpoint endpoint) {
        if (endpoint.getSpec() == null) {
            return List.of();
        }
        return switch (endpoint.getSpec().embedder().selected()) {
            case EndpointModel.OfJob(String name) ->
                List.of(endpoint.getMetadata().getNamespace() + "/" + name);
            case EndpointModel.Own _ -> List.of();
        };
    }

    private static String key(EmbeddingJob job) {
        return job.getMetadata().getNamespace() + "/" + job.getMetadata().getName();
    }
}
