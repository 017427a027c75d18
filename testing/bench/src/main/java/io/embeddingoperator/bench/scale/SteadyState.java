package io.embeddingoperator.bench.scale;

import io.embeddingoperator.bench.scale.AuditLog.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the operator takes while nothing changes but numbers.
 *
 * @param requests that it asked of the API server
 * @param polls runner pods that it asked
 * @param pollsUnanswered those of them that did not answer well or in time
 */
record SteadyState(
        Instant begin,
        Instant end,
        List<Request> requests,
        Duration cpu,
        Map<String, Duration> otherCpu,
        double polls,
        double pollsUnanswered) {
    private static final String POLLS = "embedding_operator_progress_polls_seconds_count";

    static SteadyState of(Scene scene, Duration length) {
        OperatorProcess operator = scene.operator();
        Instant begin = Instant.now();
        Duration cpu = operator.cpu();
        Map<String, Duration> others = Scene.cpuOfPrograms();
        double polls = operator.metric(POLLS);
        double answered = operator.metric(POLLS + "{result=\"Answered\"}");
        Waiting.pause(length);
        Instant end = Instant.now();
        double pollsNow = operator.metric(POLLS) - polls;
        double answeredNow = operator.metric(POLLS + "{result=\"Answered\"}") - answered;
        return new SteadyState(
                begin,
                end,
                scene.audit().between(begin, end),
                operator.cpu().minus(cpu),
                Burst.since(others),
                pollsNow,
                pollsNow - answeredNow);
    }

    double seconds() {
        return Lags.seconds(Duration.between(begin, end));
    }

    double requestsPerSecond() {
        return requests.size() / seconds();
    }

    /** Of one core. */
    double cpuPercent() {
        return 100 * Lags.seconds(cpu) / seconds();
    }
}
