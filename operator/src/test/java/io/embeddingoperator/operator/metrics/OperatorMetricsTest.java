package io.embeddingoperator.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.StatusWord;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    /** Kubernetes calls a Job started once its pods are made, and Kueue holds a Job back by suspending it. */
    @ParameterizedTest
    @EnumSource(names = {"Pending", "Queued", "MissingSecret", "ImagePull", "Unschedulable", "NoPods", "SlowStart"})
    void whatWaitsForAPodIsPending(StatusWord word) {
        assertThat(CountedState.of(status("2026-11-21T10:00:00Z", word))).isEqualTo(CountedState.Pending);
        assertThat(CountedState.of(status("2026-11-21T10:00:00Z", word, "Suspended")))
                .isEqualTo(CountedState.Pending);
        assertThat(CountedState.of(status("2026-11-21T10:00:00Z", word, "Stalled")))
                .isEqualTo(CountedState.Stalled);
    }

    @ParameterizedTest
    @EnumSource(names = {"Running", "Indexing", "Retrying", "RateLimited", "Failing"})
    void whatHasAPodIsRunning(StatusWord word) {
        assertThat(CountedState.of(status("2026-11-21T10:00:00Z", word))).isEqualTo(CountedState.Running);
    }

    @ParameterizedTest
    @EnumSource(names = {"Suspended", "BudgetExhausted"})
    void whatWaitsForAPersonToLetItGoOnIsSuspended(StatusWord word) {
        assertThat(CountedState.of(status("2026-11-21T10:00:00Z", word, "Suspended")))
                .isEqualTo(CountedState.Suspended);
    }

    private static EmbeddingJob job(EmbeddingJobStatus status) {
        EmbeddingJob job = new EmbeddingJob();
        job.setStatus(status);
        return job;
    }

    private static EmbeddingJobStatus status(String started, StatusWord word, String... trueConditions) {
        Condition ready = new ConditionBuilder()
                .withType("Ready")
                .withStatus("False")
                .withReason(word.name())
                .build();
        return status(started, Stream.concat(Stream.of(ready), areTrue(trueConditions)));
    }

    private static EmbeddingJobStatus status(String started, String... trueConditions) {
        return status(started, areTrue(trueConditions));
    }

    private static EmbeddingJobStatus status(String started, Stream<Condition> conditions) {
        return new EmbeddingJobStatus(
                1L,
                conditions.toList(),
                1,
                1,
                started,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    private static Stream<Condition> areTrue(String... types) {
        return Stream.of(types)
                .map(type ->
                        new ConditionBuilder().withType(type).withStatus("True").build());
    }
}
