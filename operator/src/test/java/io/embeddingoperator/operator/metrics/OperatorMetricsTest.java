package io.embeddingoperator.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
    @Test
    void everyJobIsCountedInOneState() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        List<EmbeddingJob> jobs = List.of(
                job(null),
                job(status("2026-11-21T10:00:00Z")),
                job(status("2026-11-21T10:00:00Z", "Complete")),
                job(status("2026-11-21T10:00:00Z", "Complete")),
                job(status("2026-11-21T10:00:00Z", "Failed", "Stalled")),
                job(status(null, "Stalled")),
                job(status(null, "Suspended")),
                job(status(null)));

        new OperatorMetrics(registry).watch(jobs::stream);

        assertThat(Stream.of(CountedState.values())
                        .map(state -> registry.get("embedding.operator.jobs")
                                .tag("state", state.name())
                                .gauge()
                                .value()))
                .containsExactly(2.0, 1.0, 1.0, 1.0, 2.0, 1.0);
    }

    private static EmbeddingJob job(EmbeddingJobStatus status) {
        EmbeddingJob job = new EmbeddingJob();
        job.setStatus(status);
        return job;
    }

    private static EmbeddingJobStatus status(String started, String... trueConditions) {
        List<Condition> conditions = Stream.of(trueConditions)
                .map(type ->
                        new ConditionBuilder().withType(type).withStatus("True").build())
                .toList();
        return new EmbeddingJobStatus(
                1L, conditions, 1, started, null, null, null, null, null, null, null, null, null, null);
    }
}
