package io.embeddingoperator.runner.progress;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.batch.Batch;
import io.embeddingoperator.runner.embed.openai.ProviderListener;
import io.embeddingoperator.runner.pipeline.PipelineListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;

/** The runner's numbers for Prometheus; no label names a job, a shard or a document, so their number never grows. */
public final class RunnerMetrics implements PipelineListener, ProviderListener {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter batches;
    private final Counter batchTokens;
    private final Counter paddedTokens;
    private final Counter windows;
    private final Counter retries;
    private final Counter billedTokens;
    private final Counter cost;
    private final Counter estimatedCost;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Counter batchPolls;

    public RunnerMetrics(ProgressTracker progress) {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        batches = counter("embedding_runner_batches", "Batches embedded");
        batchTokens = counter("embedding_runner_batch_tokens", "Tokens embedded, committed or not");
        paddedTokens = counter("embedding_runner_padded_tokens", "Tokens computed, padding included");
        windows = counter("embedding_runner_windows", "Windows committed");
        retries = counter("embedding_runner_provider_retries", "Requests to the provider that were sent again");
        billedTokens = counter("embedding_runner_provider_billed_tokens", "Tokens billed by the provider");
        cost = counter(
                "embedding_runner_provider_cost_usd", "US dollars spent by this process, where a price is known");
        estimatedCost = counter(
                "embedding_runner_provider_cost_estimated_usd",
                "US dollars among those spent that no reply told, reckoned with the tokens counted here");
        Gauge.builder("embedding_runner_provider_requests_in_flight", inFlight, AtomicInteger::get)
                .description("Requests that the provider has not answered")
                .register(registry);
        // So that a rate can be told from the first refusal on.
        List.of("200", "429").forEach(this::responses);
        batchPolls = counter("embedding_runner_provider_batch_polls", "Questions to the provider how a batch is");
        batches(progress, "submitted", Progress.Batches::submitted);
        batches(progress, "in_progress", Progress.Batches::inProgress);
        batches(progress, "completed", Progress.Batches::completed);
        batches(progress, "failed", Progress.Batches::failed);
        committed(progress, "embedding_runner_documents", "outcome", "embedded", Counts::embedded);
        committed(progress, "embedding_runner_documents", "outcome", "skipped", Counts::skipped);
        committed(progress, "embedding_runner_documents", "outcome", "failed", Counts::failed);
        committed(progress, "embedding_runner_chunks", "state", "committed", Counts::chunks);
        committed(progress, "embedding_runner_chunks", "state", "truncated", Counts::truncatedChunks);
        committed(progress, "embedding_runner_chunks", "state", "unknown", Counts::unknownChunks);
        committed(progress, "embedding_runner_tokens", "state", "committed", Counts::tokens);
        Gauge.builder(
                        "embedding_runner_work_ratio",
                        progress,
                        tracker -> tracker.snapshot().committed().work().percent() / 100)
                .description("Part of the work that is committed, 0 to 1")
                .register(registry);
    }

    @Override
    public void embedded(Batch batch) {
        batches.increment();
        batch.chunks().forEach(pending -> batchTokens.increment(pending.tokens()));
        paddedTokens.increment(batch.paddedTokens());
    }

    @Override
    public void committed(int shard, Counts counters) {
        windows.increment();
    }

    @Override
    public void completed(int shard) {}

    @Override
    public void sent() {
        inFlight.incrementAndGet();
    }

    @Override
    public void answered(String status) {
        inFlight.decrementAndGet();
        responses(status).increment();
    }

    @Override
    public void billed(long tokens, BigDecimal usd, boolean told) {
        billedTokens.increment(tokens);
        cost.increment(usd.doubleValue());
        if (!told) {
            estimatedCost.increment(usd.doubleValue());
        }
    }

    @Override
    public void triedAgain() {
        retries.increment();
    }

    /** The provider was asked how a batch is. */
    public void polled() {
        batchPolls.increment();
    }

    /** Everything in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    private Counter responses(String status) {
        return Counter.builder("embedding_runner_provider_responses")
                .description("Replies of the provider by status; none where no whole reply came")
                .tag("status", status)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private void batches(ProgressTracker progress, String state, ToIntFunction<Progress.Batches> count) {
        Gauge.builder(
                        "embedding_runner_provider_batches",
                        progress,
                        tracker -> Optional.ofNullable(tracker.snapshot().whole())
                                .map(Progress.Whole::batches)
                                .map(count::applyAsInt)
                                .orElse(0))
                .tag("state", state)
                .description("Batches of the whole run at the provider, by what became of them")
                .register(registry);
    }

    private void committed(
            ProgressTracker progress, String name, String tag, String value, ToDoubleFunction<Counts> count) {
        FunctionCounter.builder(name, progress, tracker -> count.applyAsDouble(tracker.sum()))
                .tag(tag, value)
                .description("Committed, earlier owners of the shard included")
                .register(registry);
    }
}
