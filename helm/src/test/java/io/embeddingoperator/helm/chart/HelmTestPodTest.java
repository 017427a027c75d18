package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code helm test} runs. Helm renders hooks apart, so that they are seen here in a copy that hides what they are. */
class HelmTestPodTest {
    private static final Path POD = Path.of("templates/tests/ready.yaml");

    @TempDir
    private static Path copy;

    @BeforeAll
    static void copyTheChart() throws IOException {
        try (Stream<Path> files = Files.walk(Chart.FOLDER)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, copy.resolve(Chart.FOLDER.relativize(file)));
            }
        }
        String template = Files.readString(copy.resolve(POD));
        assertThat(template).contains("helm.sh/hook: test\n");
        Files.writeString(copy.resolve(POD), template.replace("helm.sh/hook", "hidden/hook"));
    }

    @Test
    void asksTheOperatorThroughItsService() {
        Pod pod = render("service: {port: 9090}").only(Pod.class);

        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getSpec().getContainers())
                .singleElement()
                .satisfies(container -> assertThat(container.getArgs())
                        .contains("--fail", "http://embedding-operator.embedding-system.svc:9090/readyz"));
    }

    @Test
    void isNotServedItself() {
        RenderedChart chart = render("");

        Map<String, String> selector = chart.only(Service.class).getSpec().getSelector();
        assertThat(chart.only(Pod.class).getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
                .isFalse();
    }

    @Test
    void isRestrictedAndHasNoToken() {
        Pod pod = render("").only(Pod.class);

        RestrictedPod.check(pod.getSpec());
        assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
    }

    @Test
    void takesAnImageOfTheUsersOwn() {
        Pod pod = render("{imagePullSecrets: [{name: r}], test: {image: {repository: r.example.com/curl, tag: '8'}}}")
                .only(Pod.class);

        assertThat(pod.getSpec().getContainers().getFirst().getImage()).isEqualTo("r.example.com/curl:8");
        assertThat(pod.getSpec().getImagePullSecrets()).hasSize(1);
    }

    private static RenderedChart render(String values) {
        return RenderedChart.parse(Chart.rendered(copy, values, Chart.KUBERNETES));
    }
}
