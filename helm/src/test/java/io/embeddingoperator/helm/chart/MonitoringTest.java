package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.RelabelConfig;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MonitoringTest {
    @Test
    void asksNothingOfAClusterWithoutThePrometheusOperator() {
        assertThat(Chart.render("").kinds()).doesNotContain("PodMonitor", "ServiceMonitor", "PrometheusRule");
    }

    @Test
    void scrapesTheOperatorPodByPod() {
        RenderedChart chart = Chart.render("metrics: {podMonitor: {enabled: true, interval: 10s, labels: {a: b}}}");

        PodMonitor monitor = chart.only(PodMonitor.class);
        assertThat(monitor.getMetadata().getLabels()).containsEntry("a", "b");
        assertThat(monitor.getSpec().getSelector())
                .isEqualTo(chart.only(Deployment.class).getSpec().getSelector());
        assertThat(monitor.getSpec().getPodMetricsEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getPort()).isEqualTo("http");
            assertThat(endpoint.getPath()).isEqualTo("/metrics");
            assertThat(endpoint.getInterval()).isEqualTo("10s");
            assertThat(replacement(endpoint.getRelabelings(), "job")).isEqualTo("embedding-operator");
        });
    }

    @Test
    void scrapesTheOperatorThroughItsService() {
        RenderedChart chart = Chart.render("metrics: {serviceMonitor: {enabled: true}}");

        ServiceMonitor monitor = chart.only(ServiceMonitor.class);
        assertThat(chart.only(Service.class).getMetadata().getLabels())
                .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels());
        assertThat(monitor.getSpec().getEndpoints())
                .singleElement()
                .satisfies(endpoint -> assertThat(replacement(endpoint.getRelabelings(), "job"))
                        .isEqualTo("embedding-operator"));
    }

    @Test
    void refusesToCountTheOperatorTwice() {
        assertThatThrownBy(
                        () -> Chart.render("metrics: {serviceMonitor: {enabled: true}, podMonitor: {enabled: true}}"))
                .hasMessageContaining("everything would be counted twice, so choose one");
    }

    @Test
    void tellsTheRunnersApartByJobRunAndShard() {
        PodMonitor monitor = Chart.render("runner: {podMonitor: {enabled: true}}")
                .named(PodMonitor.class, "embedding-operator-runners");

        assertThat(monitor.getSpec().getNamespaceSelector().getAny()).isTrue();
        assertThat(monitor.getSpec().getSelector().getMatchLabels())
                .containsEntry("app.kubernetes.io/name", "embedding-runner");
        List<RelabelConfig> relabelings =
                monitor.getSpec().getPodMetricsEndpoints().getFirst().getRelabelings();
        assertThat(source(relabelings, "embedding_job")).isEqualTo(ofPodLabel("embedding-operator.io/job"));
        assertThat(source(relabelings, "run")).isEqualTo(ofPodLabel("embedding-operator.io/run"));
        assertThat(source(relabelings, "shard")).isEqualTo(ofPodLabel("batch.kubernetes.io/job-completion-index"));
    }

    @Test
    void tellsTheEndpointsApart() {
        PodMonitor monitor = Chart.render("runner: {podMonitor: {enabled: true}}")
                .named(PodMonitor.class, "embedding-operator-endpoints");

        assertThat(monitor.getSpec().getSelector().getMatchLabels())
                .containsEntry("app.kubernetes.io/name", "embedding-endpoint");
        List<RelabelConfig> relabelings =
                monitor.getSpec().getPodMetricsEndpoints().getFirst().getRelabelings();
        assertThat(source(relabelings, "embedding_endpoint")).isEqualTo(ofPodLabel("embedding-operator.io/endpoint"));
    }

    @Test
    void looksForRunnersOnlyWhereTheyAreServed() {
        PodMonitor monitor =
                Chart.renderCombination("one-namespace.yaml").named(PodMonitor.class, "embedding-operator-runners");

        assertThat(monitor.getSpec().getNamespaceSelector().getMatchNames()).containsExactly("search");
        assertThat(monitor.getSpec().getNamespaceSelector().getAny()).isNull();
    }

    @Test
    void alertsToWhatAPersonCanActOn() {
        List<Rule> rules = rules("alerts: {enabled: true, labels: {release: prometheus}}");

        assertThat(rules).extracting(Rule::getAlert).doesNotHaveDuplicates().hasSize(11);
        assertThat(rules).allSatisfy(rule -> {
            assertThat(rule.getLabels().get("severity")).isIn("critical", "warning", "info");
            assertThat(rule.getAnnotations()).containsOnlyKeys("summary", "description");
        });
    }

    @Test
    void alertsOnlyByMetricsThatExist() {
        assertThat(rules("alerts: {enabled: true}")).allSatisfy(rule -> {
            var asked = PublishedMetrics.askedBy(rule.getExpr().getStrVal());
            assertThat(asked).isNotEmpty().isSubsetOf(PublishedMetrics.all());
        });
    }

    @Test
    void leavesOutTheAlertsThatAreDisabledAndKnowsThemAll() {
        List<String> names =
                rules("alerts: {enabled: true}").stream().map(Rule::getAlert).toList();
        List<String> known = Chart.yaml("values.schema.json")
                .at("/properties/alerts/properties/disabled/items/enum")
                .valueStream()
                .map(name -> name.textValue())
                .toList();

        List<Rule> rest = rules("alerts: {enabled: true, disabled: [EmbeddingOperatorDown]}");

        assertThat(known).containsExactlyInAnyOrderElementsOf(names);
        assertThat(rest)
                .hasSize(names.size() - 1)
                .noneMatch(rule -> rule.getAlert().equals("EmbeddingOperatorDown"));
    }

    private static List<Rule> rules(String values) {
        return Chart.render(values).only(PrometheusRule.class).getSpec().getGroups().stream()
                .map(RuleGroup::getRules)
                .flatMap(List::stream)
                .toList();
    }

    private static String replacement(List<RelabelConfig> relabelings, String target) {
        return relabeling(relabelings, target).getReplacement();
    }

    private static String source(List<RelabelConfig> relabelings, String target) {
        return String.join(";", relabeling(relabelings, target).getSourceLabels());
    }

    private static RelabelConfig relabeling(List<RelabelConfig> relabelings, String target) {
        return relabelings.stream()
                .filter(relabeling -> relabeling.getTargetLabel().equals(target))
                .findFirst()
                .orElseThrow();
    }

    /** How Prometheus calls the label of a pod that it discovered. */
    private static String ofPodLabel(String label) {
        return "__meta_kubernetes_pod_label_" + label.replaceAll("[^a-zA-Z0-9_]", "_");
    }
}
