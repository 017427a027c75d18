package io.embeddingoperator.operator;

import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.operator.observe.ModelClient;
import io.embeddingoperator.operator.observe.ProgressClient;
import io.embeddingoperator.operator.reconcile.EmbeddingEndpointReconciler;
import io.embeddingoperator.operator.reconcile.EmbeddingJobCloner;
import io.embeddingoperator.operator.reconcile.EmbeddingJobReconciler;
import io.embeddingoperator.operator.server.HealthServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An operator at work: its informers, its reconcilers, its part in the election and its port. */
public final class RunningOperator implements AutoCloseable {
    /** How long passes that are under way may take to end when the operator stops. */
    private static final Duration LAST_PASSES = Duration.ofSeconds(10);

    /** How long the namespaces that can be listed wait, at the start, for those that cannot. */
    private static final Duration FIRST_LIST = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(RunningOperator.class);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Leadership leadership;
    private final ProgressClient progressClient;
    private final ModelClient modelClient;
    private final Operator operator;
    private final HealthServer server;

    /**
     * Starts it. The port answers from the first moment, the rest when the API server has told of everything.
     *
     * @param client stays the caller's: it is not closed
     * @param instance the name of this process among the operators, for the lease and for events
     * @param fatal takes a sentence when the operator cannot go on and the process has to end
     */
    public RunningOperator(
            OperatorSettings settings, KubernetesClient client, String instance, Consumer<String> fatal) {
        bindMetersOfTheProcess();
        Clock clock = Clock.systemUTC();
        OperatorMetrics metrics = new OperatorMetrics(registry);
        leadership = new Leadership(settings.leaderElection(), instance, client, fatal);
        progressClient = new ProgressClient(settings.cadence().progressTimeout(), metrics::progressPolled);
        modelClient = new ModelClient(settings.cadence().progressTimeout());
        operator = new Operator(configuration -> configure(configuration, settings, client, fatal));
        operator.register(
                new EmbeddingJobReconciler(
                        settings, progressClient, new JobEvents(client, instance, clock), metrics, clock),
                configuration -> configure(configuration, settings));
        operator.register(
                new EmbeddingEndpointReconciler(settings, modelClient, clock),
                configuration -> configure(configuration, settings));
        OperatorHealth health = new OperatorHealth(operator);
        server = HealthServer.start(settings.http(), health, registry::scrape);
        try {
            operator.start();
            health.unservedNamespaces()
                    .forEach(namespace -> LOG.warn(
                            "namespace {} is not served: its objects cannot be listed; once it exists and the operator has"
                                    + " its rights there, it is served by itself",
                            namespace));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The port of /healthz, /readyz and /metrics. */
    public int port() {
        return server.port();
    }

    /** Whether this operator works, or waits for another to stop. */
    public boolean isLeading() {
        return leadership.isHeld();
    }

    @Override
    public void close() {
        leadership.expectLoss();
        operator.stop();
        leadership.release();
        progressClient.close();
        modelClient.close();
        server.close();
        garbageCollection.close();
        registry.close();
    }

    private void configure(
            ConfigurationServiceOverrider configuration,
            OperatorSettings settings,
            KubernetesClient client,
            Consumer<String> fatal) {
        configuration
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withResourceCloner(new EmbeddingJobCloner(client.getKubernetesSerialization()))
                .withConcurrentReconciliationThreads(settings.cadence().concurrentReconciliations())
                .withReconciliationTerminationTimeout(LAST_PASSES)
                .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(registry))
                .withInformerStoppedHandler((informer, failure) -> {
                    if (failure != null && informer.hasSynced()) {
                        fatal.accept("the informer of %s stopped: %s"
                                .formatted(informer.getApiTypeClass().getSimpleName(), failure));
                    }
                });
        if (!settings.namespaces().all()) {
            // One of them may be deleted at any time, and must not keep the operator from serving the others.
            configuration.withStopOnInformerErrorDuringStartup(false).withCacheSyncTimeout(FIRST_LIST);
        }
        leadership.configuration().ifPresent(configuration::withLeaderElectionConfiguration);
    }

    private static void configure(ControllerConfigurationOverrider<?> configuration, OperatorSettings settings) {
        if (settings.namespaces().all()) {
            configuration.watchingAllNamespaces();
        } else {
            configuration.settingNamespaces(settings.namespaces().names());
        }
        configuration.withInformerListLimit(EmbeddingJobReconciler.LIST_LIMIT);
        // The operator never gives up a manifest: after any failure it tries again, at the latest every minute.
        configuration.withRetry(new GenericRetry()
                .withoutMaxAttempts()
                .setInitialInterval(Duration.ofSeconds(1))
                .setIntervalMultiplier(2)
                .setMaxInterval(Duration.ofMinutes(1).toMillis()));
    }

    private void bindMetersOfTheProcess() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }
}
