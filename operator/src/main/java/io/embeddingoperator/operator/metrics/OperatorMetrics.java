package io.embeddingoperator.operator.metrics;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.PollResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the operator counts of its own work. No label names a resource: the series stay few, however many jobs there are. */
public final class OperatorMetrics {
    private static final String PREFIX = "embedding.operator.";

    private final MeterRegistry registry;
    private final Counter statusWrites;
    private final Counter statusWritesSaved;
    private final Map<PollResult, Timer> polls = new EnumMap<>(PollResult.class);

    public OperatorMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.statusWrites = Counter.builder(PREFIX + "status.writes")
                .description("Statuses written to the API server")
                .register(registry);
        this.statusWritesSaved = Counter.builder(PREFIX + "status.writes.deferred")
                .description("Statuses whose numbers alone had changed, left for a later write")
                .register(registry);
        for (PollResult result : PollResult.values()) {
            polls.put(
                    result,
                    Timer.builder(PREFIX + "progress.polls")
                            .description("Requests for the progress of a runner pod")
                            .tag("result", result.name())
                            .publishPercentileHistogram()
                            .minimumExpectedValue(Duration.ofMillis(1))
                            .maximumExpectedValue(Duration.ofSeconds(5))
                            .register(registry));
        }
    }

    /** Counts the jobs that the operator knows by state, whenever the gauges are read. */
    public void watch(Supplier<Stream<EmbeddingJob>> jobs) {
        for (CountedState state : CountedState.values()) {
            Gauge.builder(PREFIX + "jobs", () -> count(jobs.get(), state))
                    .description("EmbeddingJobs by state")
                    .tag("state", state.name())
                    .register(registry);
        }
    }

    public void statusWritten() {
        statusWrites.increment();
    }

    public void statusDeferred() {
        statusWritesSaved.increment();
    }

    public void progressPolled(PollResult result, Duration took) {
        Objects.requireNonNull(polls.get(result), result.name()).record(took);
    }

    private static long count(Stream<EmbeddingJob> jobs, CountedState state) {
        return jobs.filter(job -> CountedState.of(job.getStatus()) == state).count();
    }
}
