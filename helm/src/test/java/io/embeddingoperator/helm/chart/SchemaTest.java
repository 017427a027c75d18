package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaTest {
    private static final String ITEM = "[]";
    private static final JsonNode SCHEMA = Chart.yaml("values.schema.json");

    @ParameterizedTest
    @MethodSource("closedObjects")
    void refusesATypoWithItsName(String path) {
        String values = at(path, "{tpyo: true}");

        assertThatThrownBy(() -> Chart.render(values))
                .hasMessageContaining("additional properties 'tpyo' not allowed")
                .hasMessageContaining("at '" + pointer(path) + "'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            replicas: two                               | /replicas
            replicas: -1                                | /replicas
            image: {digest: "md5:abc"}                  | /image/digest
            image: {pullPolicy: Sometimes}              | /image/pullPolicy
            runner: {imagePullSecrets: [{name: x}]}     | /runner/imagePullSecrets/0
            watchNamespaces: search                     | /watchNamespaces
            watchNamespaces: [Search]                   | /watchNamespaces/0
            watchNamespaces: [a, a]                     | /watchNamespaces
            tenancy: {baseUrls: [openai.com]}           | /tenancy/baseUrls/0
            tenancy: {modelUrls: ["https://*"]}         | /tenancy/modelUrls/0
            tenancy: {labels: ["*"]}                    | /tenancy/labels/0
            tenancy: {environment: ["A=B"]}             | /tenancy/environment/0
            tenancy: {serviceAccounts: ["*"]}           | /tenancy/serviceAccounts/0
            tenancy: {requireLabel: [Secrets]}          | /tenancy/requireLabel/0
            operator: {logFormat: xml}                  | /operator/logFormat
            operator: {statusIntervalSeconds: 0}        | /operator/statusIntervalSeconds
            alerts: {disabled: [EmbeddingJobFaild]}     | /alerts/disabled/0
            metrics: {podMonitor: {interval: often}}    | /metrics/podMonitor/interval
            podLabels: {team: 1}                        | /podLabels/team
            tolerations: [{operator: Exist}]            | /tolerations/0/operator
            extraEnv: [{value: x}]                      | /extraEnv/0
            service: {port: 70000}                      | /service/port
            """)
    void refusesAValueThatCannotBeWithItsPlace(String values, String place) {
        assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining("at '" + place + "'");
    }

    @Test
    void letsAParentChartSwitchItOnAndOff(@TempDir Path parent) throws IOException {
        // given a chart that has this one as a dependency
        Files.writeString(parent.resolve("Chart.yaml"), """
                apiVersion: v2
                name: platform
                version: 1.0.0
                dependencies:
                  - {name: embedding-operator, version: "*", condition: embedding-operator.enabled}
                """);
        Files.createDirectory(parent.resolve("charts"));
        Files.createSymbolicLink(
                parent.resolve("charts/embedding-operator"),
                Chart.FOLDER.toAbsolutePath().normalize());

        // then
        assertThat(ofParent(parent, true)).contains("kind: Deployment");
        assertThat(ofParent(parent, false)).isNullOrEmpty();
        assertThatThrownBy(() -> Chart.render("enabled: often")).hasMessageContaining("at '/enabled'");
    }

    private static String ofParent(Path parent, boolean enabled) {
        return Chart.rendered(
                parent,
                "{global: {imageRegistry: registry.example.com}, embedding-operator: {enabled: %s, replicas: 2}}"
                        .formatted(enabled),
                Chart.KUBERNETES);
    }

    @Test
    void takesTheValuesThatAParentChartSharesWithAll() {
        assertThatCode(() -> Chart.render("global: {imageRegistry: registry.example.com}"))
                .doesNotThrowAnyException();
    }

    @Test
    void closesEveryObjectThatIsNoMapOfTheUsersOwnNames() {
        assertThat(open("", SCHEMA)).containsExactly(".global");
    }

    @Test
    void explainsEveryValue() {
        assertThat(unexplained("", SCHEMA)).isEmpty();
    }

    @Test
    void knowsTheSameValuesAsTheDefaults() {
        List<String> defaults = new ArrayList<>();
        Chart.yaml("values.yaml").fieldNames().forEachRemaining(defaults::add);
        List<String> known = new ArrayList<>();
        SCHEMA.path("properties").fieldNames().forEachRemaining(known::add);
        known.removeAll(List.of("enabled", "global"));

        assertThat(defaults).containsExactlyInAnyOrderElementsOf(known);
    }

    /** The path of every object with a closed set of names; {@code []} stands for an item of a list. */
    static Stream<String> closedObjects() {
        var paths = new TreeSet<String>();
        collect("", SCHEMA, paths);
        return paths.stream();
    }

    private static void collect(String path, JsonNode schema, TreeSet<String> paths) {
        JsonNode resolved = resolve(schema);
        if (resolved.has("properties")) {
            paths.add(path);
        }
        children(resolved).forEach((name, child) -> collect(path + name, child, paths));
    }

    private static List<String> open(String path, JsonNode schema) {
        JsonNode resolved = resolve(schema);
        List<String> found = new ArrayList<>();
        if (resolved.path("type").asText().equals("object")
                && !resolved.path("additionalProperties").isObject()
                && !resolved.path("additionalProperties").isBoolean()) {
            found.add(path);
        }
        children(resolved).forEach((name, child) -> found.addAll(open(path + name, child)));
        return found;
    }

    private static List<String> unexplained(String path, JsonNode schema) {
        List<String> found = new ArrayList<>();
        children(resolve(schema)).forEach((name, child) -> {
            boolean explained = child.has("description") || resolve(child).has("description") || name.endsWith(ITEM);
            if (!explained) {
                found.add(path + name);
            }
            found.addAll(unexplained(path + name, child));
        });
        return found;
    }

    private static Map<String, JsonNode> children(JsonNode schema) {
        Map<String, JsonNode> children = new LinkedHashMap<>();
        schema.path("properties").properties().forEach(entry -> children.put("." + entry.getKey(), entry.getValue()));
        if (schema.has("items")) {
            children.put(ITEM, schema.path("items"));
        }
        return children;
    }

    private static JsonNode resolve(JsonNode schema) {
        JsonNode named = schema.has("allOf") ? schema.path("allOf").path(0) : schema;
        return named.has("$ref") ? SCHEMA.at(named.path("$ref").textValue().substring(1)) : named;
    }

    /** YAML that has the value at a path and nothing else. */
    private static String at(String path, String value) {
        String values = value;
        String[] steps = path.split("(?=\\.)|(?=\\[])");
        for (int i = steps.length - 1; i >= 0; i--) {
            if (steps[i].equals(ITEM)) {
                values = "[" + values + "]";
            } else if (!steps[i].isEmpty()) {
                values = "{" + steps[i].substring(1) + ": " + values + "}";
            }
        }
        return values;
    }

    private static String pointer(String path) {
        return path.replace(ITEM, "/0").replace('.', '/');
    }
}
