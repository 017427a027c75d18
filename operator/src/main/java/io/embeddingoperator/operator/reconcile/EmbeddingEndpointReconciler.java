package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EndpointModel;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.desired.ServedModel;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.observe.EndpointObservation;
import io.embeddingoperator.operator.observe.ModelClient;
import io.embeddingoperator.operator.status.EndpointStatusDecision;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the objects of one EmbeddingEndpoint as its manifest says, and tells of them: find the model, apply, observe, write one
 * status. Every pass starts from the objects as they are. Kubernetes deletes them with the endpoint, which needs no finalizer.
 */
@ControllerConfiguration(name = EmbeddingEndpointReconciler.NAME, fieldManager = EmbeddingJobReconciler.FIELD_MANAGER)
public final class EmbeddingEndpointReconciler implements Reconciler<EmbeddingEndpoint> {
    public static final String NAME = "embeddingendpoint";

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingEndpointReconciler.class);

    /** What a pod waits for may become a trouble without an event. */
    private static final Duration UNTIL_SETTLED = Duration.ofSeconds(10);

    /** What blocks an endpoint may end without an event for the operator. */
    private static final Duration WHILE_BLOCKED = Duration.ofSeconds(30);

    /** The informers list their objects within moments, or not before the operator is given its rights. */
    private static final Duration UNTIL_LISTED = Duration.ofSeconds(5);

    /** Every known change brings an event; this is for one that does not. */
    private static final Duration WITHOUT_EVENTS = Duration.ofMinutes(10);

    private final OperatorSettings settings;
    private final ModelClient models;
    private final Clock clock;

    private KubernetesClient client;
    private Admission admission;
    private EndpointInformers informers;
    private EndpointActions actions;

    public EmbeddingEndpointReconciler(OperatorSettings settings, ModelClient models, Clock clock) {
        this.settings = settings;
        this.models = models;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, EmbeddingEndpoint>> prepareEventSources(EventSourceContext<EmbeddingEndpoint> context) {
        client = context.getClient();
        admission = new Admission(client, settings.tenancy());
        informers = new EndpointInformers(context);
        actions = new EndpointActions(client, settings.images(), informers);
        return informers.eventSources();
    }

    @Override
    public UpdateControl<EmbeddingEndpoint> reconcile(EmbeddingEndpoint endpoint, Context<EmbeddingEndpoint> context) {
        if (context.isPrimaryResourceDeleted() || endpoint.isMarkedForDeletion()) {
            return UpdateControl.noUpdate();
        }
        if (!informers.haveListed(endpoint.getMetadata().getNamespace())) {
            return UpdateControl.<EmbeddingEndpoint>noUpdate().rescheduleAfter(UNTIL_LISTED);
        }
        Pass pass = pass(endpoint);
        UpdateControl<EmbeddingEndpoint> update = pass.status().equals(endpoint.getStatus())
                ? UpdateControl.noUpdate()
                : UpdateControl.patchStatus(withStatus(endpoint, pass.status()));
        return update.rescheduleAfter(pass.next());
    }

    private Pass pass(EmbeddingEndpoint endpoint) {
        try {
            check(endpoint);
            ServedModel model = model(endpoint);
            admission.check(endpoint, model);
            Deployment deployment = actions.apply(endpoint, model);
            EmbeddingEndpointStatus status =
                    EndpointStatusDecision.status(endpoint, observe(endpoint, Optional.of(deployment)));
            return new Pass(status, EndpointStatusDecision.isSettled(status) ? WITHOUT_EVENTS : UNTIL_SETTLED);
        } catch (SpecificationProblem e) {
            LOG.warn("refused: {}", e.getMessage());
            return new Pass(EndpointStatusDecision.refused(endpoint, observe(endpoint), e), WITHOUT_EVENTS);
        } catch (BlockedException e) {
            LOG.warn("blocked: {}", e.getMessage());
            return new Pass(EndpointStatusDecision.blocked(endpoint, observe(endpoint), e.sentence()), WHILE_BLOCKED);
        }
    }

    /** Refuses the manifest before anything is made of it. */
    private void check(EmbeddingEndpoint endpoint) {
        Refusal.checkNamespace(endpoint);
        if (endpoint.getSpec() == null) {
            throw UnreadableSpec.problem(endpoint, EmbeddingEndpointSpec.class, client);
        }
    }

    private ServedModel model(EmbeddingEndpoint endpoint) {
        return switch (endpoint.getSpec().embedder().selected()) {
            case EndpointModel.Own(var onnx) -> ServedModel.of(endpoint, onnx);
            case EndpointModel.OfJob(String name) -> ServedModel.of(job(endpoint, name));
        };
    }

    /** A job that does not exist yet may be about to be made, as where both are applied from one folder. */
    private EmbeddingJob job(EmbeddingEndpoint endpoint, String name) {
        EmbeddingJob job = informers
                .job(endpoint, name)
                .orElseThrow(() -> new BlockedException(
                        "spec.embedder.fromJob is %s, and namespace %s has no such EmbeddingJob: create it, or name another one"
                                .formatted(name, endpoint.getMetadata().getNamespace())));
        if (job.getSpec() == null) {
            throw UnreadableSpec.problem(job, EmbeddingJobSpec.class, client);
        }
        return job;
    }

    private EndpointObservation observe(EmbeddingEndpoint endpoint) {
        return observe(endpoint, informers.deployment(endpoint));
    }

    private EndpointObservation observe(EmbeddingEndpoint endpoint, Optional<Deployment> deployment) {
        List<Pod> pods = informers.pods(endpoint);
        return new EndpointObservation(clock.instant(), deployment, pods, models.ask(pods));
    }

    /**
     * Server-side apply takes what it is given as all that the operator wants to own: nothing but the status. With the uid the API
     * server refuses it for another endpoint of the same name.
     */
    private static EmbeddingEndpoint withStatus(EmbeddingEndpoint endpoint, EmbeddingEndpointStatus status) {
        EmbeddingEndpoint fresh = new EmbeddingEndpoint();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(endpoint.getMetadata().getName())
                .withNamespace(endpoint.getMetadata().getNamespace())
                .withUid(endpoint.getMetadata().getUid())
                .build());
        fresh.setStatus(status);
        return fresh;
    }

    /**
     * What a pass came to.
     *
     * @param next when to look again at the latest
     */
    private record Pass(EmbeddingEndpointStatus status, Duration next) {}
}
