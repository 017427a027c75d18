package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.awt.Rectangle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DashboardTest {
    private final ConfigMap configMap =
            Chart.render("dashboard: {enabled: true}").only(ConfigMap.class);
    private final JsonNode dashboard = parse(configMap);

    @Test
    void isFoundByGrafanasSidecar() {
        assertThat(configMap.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(configMap.getMetadata().getNamespace()).isEqualTo(Chart.NAMESPACE);
        assertThat(Chart.render("").all(ConfigMap.class)).isEmpty();
    }

    @Test
    void isNotChangedOnItsWay() {
        assertThat(configMap.getData().get("embedding-operator.json").strip())
                .isEqualTo(Chart.text("files/dashboard.json").strip());
    }

    @Test
    void showsWhatIsWorthWatching() {
        assertThat(panels().stream().map(panel -> panel.path("title").textValue()))
                .contains(
                        "Documents/s",
                        "Tokens/s",
                        "Time left",
                        "Failed documents",
                        "429s",
                        "Shard skew",
                        "Texts/s by endpoint",
                        "EmbeddingJobs by state");
    }

    @Test
    void asksOnlyForMetricsThatExist() {
        Set<String> asked = new TreeSet<>();
        dashboard.findValuesAsText("expr").forEach(expression -> asked.addAll(PublishedMetrics.askedBy(expression)));
        dashboard
                .at("/templating/list")
                .forEach(variable -> asked.addAll(
                        PublishedMetrics.askedBy(variable.at("/query/query").asText())));

        assertThat(asked).isSubsetOf(PublishedMetrics.all()).contains("embedding_runner_provider_responses_total");
    }

    @Test
    void explainsEveryPanel() {
        assertThat(panels()).allSatisfy(panel -> {
            assertThat(panel.path("description").asText()).isNotBlank();
            assertThat(panel.path("targets")).isNotEmpty();
        });
    }

    @Test
    void laysNoPanelOnAnother() {
        List<Rectangle> places = new ArrayList<>();
        Set<Integer> ids = new TreeSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            JsonNode place = panel.path("gridPos");
            var rectangle = new Rectangle(
                    place.path("x").intValue(),
                    place.path("y").intValue(),
                    place.path("w").intValue(),
                    place.path("h").intValue());
            assertThat(places).noneMatch(rectangle::intersects);
            assertThat(rectangle.getMaxX()).isLessThanOrEqualTo(24);
            assertThat(ids.add(panel.path("id").intValue())).isTrue();
            places.add(rectangle);
        }
    }

    private List<JsonNode> panels() {
        return dashboard
                .path("panels")
                .valueStream()
                .filter(panel -> !panel.path("type").textValue().equals("row"))
                .toList();
    }

    private static JsonNode parse(ConfigMap configMap) {
        try {
            return new ObjectMapper().readTree(configMap.getData().get("embedding-operator.json"));
        } catch (IOException e) {
            throw new AssertionError("the dashboard is not JSON", e);
        }
    }
}
