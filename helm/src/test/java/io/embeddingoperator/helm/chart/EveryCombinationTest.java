package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of everything that the chart can make. */
class EveryCombinationTest {
    private static final Set<String> TAKE_MORE_LABELS =
            Set.of("PrometheusRule", "PodMonitor", "ServiceMonitor", "ConfigMap");

    /** Kubernetes' types, as strict as its API server: a field that they do not have is refused. */
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new WithoutCatchAll())
            .build();

    @ParameterizedTest
    @MethodSource("combinations")
    void hasNoFieldThatKubernetesDoesNotKnow(String values) {
        RenderedChart chart = Chart.renderCombination(values);

        for (int i = 0; i < chart.objects().size(); i++) {
            JsonNode document = chart.documents().get(i);
            Class<?> type = chart.objects().get(i).getClass();
            assertThat(type).as(document.path("kind").textValue()).isNotEqualTo(GenericKubernetesResource.class);
            assertThatCode(() -> STRICT.treeToValue(document, type)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void namesAndLabelsEveryObject(String values) {
        RenderedChart chart = Chart.renderCombination(values);

        Set<String> identities = new HashSet<>();
        for (HasMetadata object : chart.objects()) {
            var metadata = object.getMetadata();
            assertThat(metadata.getName()).hasSizeLessThanOrEqualTo(63);
            assertThat(identities.add(object.getKind() + "/" + metadata.getNamespace() + "/" + metadata.getName()))
                    .as("%s %s is there once", object.getKind(), metadata.getName())
                    .isTrue();
            assertThat(metadata.getLabels()).containsKeys("app.kubernetes.io/name", "app.kubernetes.io/instance");
        }
    }

    /** Reading refuses a key that is there twice, as Flux' post-renderer does. */
    @ParameterizedTest
    @MethodSource("combinations")
    void hasEachLabelOnce(String values) {
        String labels = "{team: mine, app.kubernetes.io/part-of: mine, app.kubernetes.io/name: mine}";
        RenderedChart chart = Chart.renderCombination(values, """
                commonLabels: {team: common, app.kubernetes.io/version: common, app.kubernetes.io/name: common,
                  rbac.authorization.k8s.io/aggregate-to-edit: common}
                podLabels: %1$s
                podAnnotations: {kubectl.kubernetes.io/default-container: mine}
                alerts: {labels: %1$s}
                dashboard: {labels: %1$s}
                runner: {podMonitor: {labels: %1$s}}
                metrics: {serviceMonitor: {labels: %1$s}, podMonitor: {labels: %1$s}}
                """.formatted(labels));

        for (HasMetadata object : chart.objects()) {
            Map<String, String> found = object.getMetadata().getLabels();
            assertThat(found.get("app.kubernetes.io/name")).doesNotContain("mine", "common");
            assertThat(found.get("rbac.authorization.k8s.io/aggregate-to-edit"))
                    .isEqualTo(object.getMetadata().getName().matches(".*-(view|edit)") ? "true" : "common");
            assertThat(found.get("team")).isEqualTo(TAKE_MORE_LABELS.contains(object.getKind()) ? "mine" : "common");
        }
        Deployment operator = chart.only(Deployment.class);
        var pod = operator.getSpec().getTemplate().getMetadata();
        assertThat(pod.getLabels())
                .containsEntry("team", "mine")
                .containsEntry("app.kubernetes.io/version", "common")
                .containsAllEntriesOf(operator.getSpec().getSelector().getMatchLabels());
        assertThat(pod.getAnnotations()).containsEntry("kubectl.kubernetes.io/default-container", "mine");
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void letsTheOperatorReadNoSecretAndNothingUnnamed(String values) {
        RenderedChart chart = Chart.renderCombination(values);

        assertThat(rules(chart)).allSatisfy(rule -> {
            assertThat(rule.getResources()).isNotEmpty().doesNotContain("secrets", "*");
            assertThat(rule.getApiGroups()).isNotEmpty().doesNotContain("*");
            assertThat(rule.getVerbs()).isNotEmpty().doesNotContain("*", "impersonate", "bind", "escalate");
        });
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void satisfiesTheRestrictedPodSecurityStandard(String values) {
        RenderedChart chart = Chart.renderCombination(values);

        RestrictedPod.check(chart.only(Deployment.class).getSpec().getTemplate().getSpec());
    }

    static Stream<String> combinations() {
        return Chart.combinations().stream();
    }

    private static List<PolicyRule> rules(RenderedChart chart) {
        return Stream.concat(
                        chart.all(Role.class).stream().map(Role::getRules),
                        chart.all(ClusterRole.class).stream().map(ClusterRole::getRules))
                .flatMap(List::stream)
                .toList();
    }

    /** The types keep what they do not know in a map; without it they refuse it. */
    private static final class WithoutCatchAll extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }
}
