package io.embeddingoperator.runner.serve;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** An endpoint's numbers for Prometheus; no label names a client or a text. */
public final class EndpointMetrics {
    private static final Duration[] BUCKETS = IntStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
            .mapToObj(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Utilization utilization;
    private final Counter batches;
    private final Counter texts;
    private final Counter tokens;
    private volatile Optional<FairQueue> watched = Optional.empty();

    /** @param workers how many calls of the model there may be at a time */
    public EndpointMetrics(int workers) {
        utilization = new Utilization(workers, System.nanoTime());
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        batches = counter("embedding_endpoint_batches", "Calls of the model");
        texts = counter("embedding_endpoint_texts", "Texts embedded");
        tokens = counter("embedding_endpoint_tokens", "Tokens embedded, without padding");
        Gauge.builder("embedding_endpoint_utilization", utilization, each -> each.ratio(System.nanoTime()))
                .description("Part of the last 15 seconds in which the model was at work, 0 to 1")
                .register(registry);
        Gauge.builder(
                        "embedding_endpoint_queued_texts",
                        () -> watched.map(FairQueue::size).orElse(0))
                .description("Texts that wait for the model")
                .register(registry);
        // So that a rate can be told from the first refusal on.
        List.of(200, 429).forEach(this::requests);
    }

    void watch(FairQueue queue) {
        watched = Optional.of(queue);
    }

    void worked(List<WaitingText> batch, long nanos) {
        utilization.worked(nanos, System.nanoTime());
        batches.increment();
        texts.increment(batch.size());
        batch.forEach(text -> tokens.increment(text.tokens()));
    }

    void answered(int status, Duration after) {
        requests(status).record(after);
    }

    /** Everything in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    private Timer requests(int status) {
        return Timer.builder("embedding_endpoint_requests")
                .description("Requests for vectors, from their first byte to the reply's last, by status")
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }
}
