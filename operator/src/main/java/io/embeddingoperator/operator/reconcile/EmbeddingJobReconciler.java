package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.decide.Decision;
import io.embeddingoperator.operator.decide.DeletionDecision;
import io.embeddingoperator.operator.decide.NextAction;
import io.embeddingoperator.operator.decide.RefreshDecision;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.observe.Observation;
import io.embeddingoperator.operator.observe.ProgressClient;
import io.embeddingoperator.operator.observe.ProgressEventSource;
import io.embeddingoperator.operator.observe.RunnerEndpoint;
import io.embeddingoperator.operator.status.GracePeriod;
import io.embeddingoperator.operator.status.RunRestart;
import io.embeddingoperator.operator.status.StatusDecision;
import io.embeddingoperator.operator.status.UsedUpBudget;
import io.fabric8.kubernetes.api.model.Pod;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one EmbeddingJob a step nearer to what its manifest says: observe, decide, act, write one status. Every pass
 * starts from the objects as they are, so it does not matter which passes were missed or done twice.
 *
 * <p>A change of labels alone brings no pass: the queue of Kueue is read when a run starts, like the rest of what its pods
 * are made of.
 */
@ControllerConfiguration(
        name = EmbeddingJobReconciler.NAME,
        fieldManager = EmbeddingJobReconciler.FIELD_MANAGER,
        // The SDK would put its finalizer on every EmbeddingJob: only some of them need one.
        triggerReconcilerOnAllEvents = true)
public final class EmbeddingJobReconciler implements Reconciler<EmbeddingJob> {
    public static final String NAME = "embeddingjob";
    public static final String FIELD_MANAGER = "embedding-operator";

    /** Objects in one answer of the API server. */
    public static final long LIST_LIMIT = RunInformers.LIST_LIMIT;

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingJobReconciler.class);

    /** The operator gets no event of its own change, and the next step may follow at once. */
    static final Duration AFTER_A_STEP = Duration.ofMillis(100);

    /** What blocks a run may end without an event for the operator. */
    private static final Duration WHILE_BLOCKED = Duration.ofSeconds(30);

    /** The informers list their objects within moments, or not before the operator is given its rights. */
    private static final Duration UNTIL_LISTED = Duration.ofSeconds(5);

    /** What a deleted job waits for must not take long. */
    private static final Duration WHILE_DELETED = Duration.ofSeconds(2);

    /** Every known change brings an event; this is for one that does not. */
    private static final Duration WITHOUT_EVENTS = Duration.ofMinutes(10);

    private final OperatorSettings settings;
    private final ProgressClient progressClient;
    private final OperatorMetrics metrics;
    private final JobEvents events;
    private final StatusWriter statusWriter;
    private final Clock clock;
    private final ActionBackoff backoff;

    private KubernetesClient client;
    private RunInformers informers;
    private RunActions actions;
    private DeletionActions deletion;
    private ProgressEventSource progress;

    public EmbeddingJobReconciler(
            OperatorSettings settings,
            ProgressClient progressClient,
            JobEvents events,
            OperatorMetrics metrics,
            Clock clock) {
        this.settings = settings;
        this.progressClient = progressClient;
        this.metrics = metrics;
        this.events = events;
        this.statusWriter = new StatusWriter(settings.cadence().status(), events, metrics, clock);
        this.clock = clock;
        this.backoff = new ActionBackoff(clock);
    }

    @Override
    public List<EventSource<?, EmbeddingJob>> prepareEventSources(EventSourceContext<EmbeddingJob> context) {
        client = context.getClient();
        informers = new RunInformers(context);
        Admission admission = new Admission(client, settings.tenancy());
        deletion = new DeletionActions(
                client,
                settings.images(),
                admission,
                informers,
                events,
                settings.cadence().cancelTimeout());
        actions = new RunActions(client, settings.images(), admission, informers, deletion, clock);
        progress = new ProgressEventSource(progressClient, settings.cadence().status(), clock);
        metrics.watch(() -> context.getPrimaryCache().list());
        return Stream.concat(informers.eventSources().stream(), Stream.of(progress))
                .toList();
    }

    @Override
    public UpdateControl<EmbeddingJob> reconcile(EmbeddingJob manifest, Context<EmbeddingJob> context) {
        if (context.isPrimaryResourceDeleted() || manifest.isMarkedForDeletion() && !BatchFinalizer.isSet(manifest)) {
            return UpdateControl.noUpdate();
        }
        if (!informers.haveListed(manifest.getMetadata().getNamespace())) {
            return UpdateControl.<EmbeddingJob>noUpdate().rescheduleAfter(UNTIL_LISTED);
        }
        Pass pass = manifest.isMarkedForDeletion() ? reconcileDeletion(manifest) : reconcileRun(manifest);
        EmbeddingJobStatus status = pass.status();
        if (status == null) {
            return UpdateControl.noUpdate();
        }
        Duration untilWrite = statusWriter.write(manifest, status, pass.numbersMayWait(), context);
        return UpdateControl.<EmbeddingJob>noUpdate().rescheduleAfter(shorter(pass.next(), untilWrite));
    }

    private Pass reconcileRun(EmbeddingJob manifest) {
        try {
            check(manifest);
            ObservedRun before = informers.observe(manifest);
            if (!CountedRun.isRecorded(manifest)) {
                // Nothing is made or stopped before the number is written: it would be given to another run if the
                // write were lost.
                CountedRun next = CountedRun.of(manifest, before.runs());
                return new Pass(StatusDecision.counted(manifest, next, clock.instant()), AFTER_A_STEP);
            }
            if (RefreshDecision.isDue(manifest, clock.instant())) {
                CountedRun next = CountedRun.of(manifest, before.runs()).next();
                return new Pass(StatusDecision.scheduled(manifest, next, clock.instant()), AFTER_A_STEP);
            }
            NextAction decided = Decision.of(
                    manifest,
                    before.job(),
                    before.olderRuns(),
                    isOutOfMoney(manifest, before),
                    isRestartDue(manifest, before));
            Duration wait = backoff.untilAllowed(decided, manifest);
            NextAction action = wait.isZero() ? decided : new NextAction.Nothing();
            ObservedRun after = actions.carryOut(action, manifest, before);
            actions.tidyConfigMaps(manifest, after);
            ProgressEventSource.Latest said = ask(manifest, after);
            Observation seen = observe(after, said);
            Duration next = next(action, manifest, seen);
            return new Pass(
                    StatusDecision.status(manifest, seen),
                    wait.isZero() ? next : shorter(wait, next),
                    said.newerToCome() ? settings.cadence().progressTimeout() : Duration.ZERO);
        } catch (SpecificationProblem e) {
            LOG.warn("refused: {}", e.getMessage());
            return new Pass(StatusDecision.refused(manifest, clock.instant(), e), WITHOUT_EVENTS);
        } catch (BlockedException e) {
            LOG.warn("blocked: {}", e.getMessage());
            return new Pass(StatusDecision.blocked(manifest, clock.instant(), e.sentence()), WHILE_BLOCKED);
        }
    }

    /** Refuses the manifest before anything is created for it. */
    private void check(EmbeddingJob manifest) {
        Refusal.checkNamespace(manifest);
        if (manifest.getSpec() == null) {
            throw UnreadableSpec.problem(manifest, EmbeddingJobSpec.class, client);
        }
    }

    /** One step for a job that was deleted and is held by its finalizer. */
    private Pass reconcileDeletion(EmbeddingJob manifest) {
        try {
            check(manifest);
            ObservedRun run = informers.observe(manifest);
            Observation seen = observe(manifest, run);
            NextAction action = DeletionDecision.of(
                    manifest,
                    run.runsAtWork(),
                    run.cancel(),
                    clock.instant(),
                    settings.cadence().cancelTimeout());
            actions.carryOut(action, manifest, run);
            if (action instanceof NextAction.RemoveFinalizer) {
                return Pass.LAST;
            }
            return new Pass(
                    StatusDecision.status(manifest, seen),
                    action instanceof NextAction.Wait ? WHILE_DELETED : AFTER_A_STEP);
        } catch (SpecificationProblem e) {
            deletion.release(manifest, Optional.empty(), Optional.of(e.sentence()));
            return Pass.LAST;
        } catch (BlockedException e) {
            LOG.warn("blocked: {}", e.getMessage());
            return new Pass(StatusDecision.blocked(manifest, clock.instant(), e.sentence()), WHILE_DELETED);
        }
    }

    /** Only pods that read the budget as it is now can tell. */
    private boolean isOutOfMoney(EmbeddingJob manifest, ObservedRun run) {
        return manifest.getSpec().budget() != null
                && run.configMap()
                        .filter(read -> RunnerConfigMap.isCurrent(read, manifest))
                        .filter(read -> UsedUpBudget.isSeen(
                                manifest,
                                observe(manifest, run),
                                RunnerConfigMap.changed(read).orElse(null)))
                        .isPresent();
    }

    private boolean isRestartDue(EmbeddingJob manifest, ObservedRun run) {
        return run.job().filter(ObservedRun::isFinished).isPresent()
                && RunRestart.isDue(manifest, observe(manifest, run));
    }

    private Observation observe(EmbeddingJob manifest, ObservedRun run) {
        return observe(run, ask(manifest, run));
    }

    private ProgressEventSource.Latest ask(EmbeddingJob manifest, ObservedRun run) {
        return progress.latest(manifest, runners(pods(run)));
    }

    private Observation observe(ObservedRun run, ProgressEventSource.Latest said) {
        return new Observation(
                clock.instant(),
                run.job().orElse(null),
                pods(run),
                said.answers(),
                run.job().flatMap(informers::terminationReport).orElse(null),
                run.olderRunsAtWork());
    }

    private List<Pod> pods(ObservedRun run) {
        return run.job().map(informers::pods).orElse(List.of());
    }

    private static List<RunnerEndpoint> runners(List<Pod> pods) {
        return pods.stream().map(RunnerEndpoint::of).flatMap(Optional::stream).toList();
    }

    private Duration next(NextAction action, EmbeddingJob manifest, Observation seen) {
        return switch (action) {
            case NextAction.Step _ -> AFTER_A_STEP;
            case NextAction.Idle _ ->
                shorter(
                        shorter(
                                runners(seen.pods()).isEmpty() ? WITHOUT_EVENTS : progress.interval(),
                                untilRefresh(manifest)),
                        GracePeriod.untilNextLook(manifest, seen).orElse(WITHOUT_EVENTS));
        };
    }

    /** A time that is over waits for the end of a run, which brings an event. */
    private Duration untilRefresh(EmbeddingJob manifest) {
        return RefreshDecision.next(manifest)
                .map(time -> Duration.between(clock.instant(), time))
                .filter(Duration::isPositive)
                .orElse(WITHOUT_EVENTS);
    }

    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    /**
     * What a pass came to.
     *
     * @param status to write, or null where the manifest is gone
     * @param next when to look again at the latest
     * @param numbersMayWait how long mere numbers may wait for newer ones that are on their way
     */
    private record Pass(@Nullable EmbeddingJobStatus status, Duration next, Duration numbersMayWait) {
        /** After this one there is nothing left to write a status to. */
        static final Pass LAST = new Pass(null, Duration.ZERO, Duration.ZERO);

        Pass(EmbeddingJobStatus status, Duration next) {
            this(status, next, Duration.ZERO);
        }
    }
}
