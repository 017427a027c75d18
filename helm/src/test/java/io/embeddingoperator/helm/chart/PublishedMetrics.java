package io.embeddingoperator.helm.chart;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.metrics.OperatorMetrics;
import io.embeddingoperator.runner.progress.Assignment;
import io.embeddingoperator.runner.progress.FailureSample;
import io.embeddingoperator.runner.progress.OtherShards;
import io.embeddingoperator.runner.progress.ProgressTracker;
import io.embeddingoperator.runner.progress.RunnerMetrics;
import io.embeddingoperator.runner.serve.EndpointMetrics;
import io.embeddingoperator.runner.sink.run.RunMoney;
import io.embeddingoperator.runner.sink.run.RunState;
import io.embeddingoperator.runner.sink.run.RunTotals;
import io.embeddingoperator.runner.source.WorkUnit;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The names that a query may ask for, and those that a query asks for. */
final class PublishedMetrics {
    /** Prometheus' own: whether a target answered. */
    static final Set<String> PROMETHEUS = Set.of("up");

    /** The Java Operator SDK's, as Prometheus gets them; it makes each when it first has something to count. */
    static final Set<String> SDK = Set.of(
            "operator_sdk_reconciliations_success_total",
            "operator_sdk_reconciliations_failed_total",
            "operator_sdk_controllers_execution_reconcile_seconds_bucket");

    private static final Pattern SAMPLE = Pattern.compile("^([a-z_:][a-z0-9_:]*)[ {]", Pattern.MULTILINE);
    private static final Pattern ASKED = Pattern.compile(
            "\\b((?:embedding_runner|embedding_operator|embedding_endpoint|operator_sdk)_[a-z_]+|[a-z_][a-z0-9_]*(?=[\\[{]))");

    private PublishedMetrics() {}

    /** What a runner answers when it is scraped. */
    static Set<String> runner() {
        var assignment = new Assignment(
                new Progress.Process("default/job", 1, 0), WorkUnit.DOCUMENTS, 1, new Progress.Planned(1, 1L, 1));
        var others = new OtherShards(() -> RunTotals.ZERO, () -> RunMoney.NONE, 1, () -> 0);
        var unstarted = new RunState(List.of(), 0, false, Instant.EPOCH);
        var progress = new ProgressTracker(assignment, unstarted, others, new FailureSample(List::of), () -> 0);
        return names(SAMPLE, new RunnerMetrics(progress).scrape());
    }

    /** What the operator answers of its own work when it is scraped. */
    static Set<String> operator() {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new OperatorMetrics(registry).watch(Stream::empty);
        return names(SAMPLE, registry.scrape());
    }

    /** What a pod of an endpoint answers when it is scraped. */
    static Set<String> endpoint() {
        return names(SAMPLE, new EndpointMetrics(1).scrape());
    }

    static Set<String> all() {
        return Stream.of(PROMETHEUS, SDK, operator(), runner(), endpoint())
                .flatMap(Set::stream)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The metrics in a PromQL expression. */
    static Set<String> askedBy(String expression) {
        return names(ASKED, expression);
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
