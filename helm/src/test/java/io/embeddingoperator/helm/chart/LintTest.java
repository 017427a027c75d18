package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import org.junit.jupiter.api.Test;

class LintTest {
    @Test
    void isCleanUnderTheStrictestRules() {
        var result = new Helm(Chart.FOLDER).lint().strict().call();

        assertThat(result.getMessages()).noneMatch(message -> message.contains("[WARNING]"));
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
    }

    @Test
    void refusesAKubernetesThatIsTooOld() {
        assertThatThrownBy(() -> Chart.rendered(Chart.FOLDER, "", "1.33.9"))
                .hasMessageContaining("chart requires kubeVersion: >=1.34.0-0");
        assertThat(Chart.rendered(Chart.FOLDER, "", "1.34.0-gke.100")).isNotEmpty();
    }

    @Test
    void hasTheVersionOfTheProject() {
        String project = System.getProperty("project.version").replace("-SNAPSHOT", "");

        assertThat(Chart.yaml("Chart.yaml").path("version").textValue()).isEqualTo(project);
        assertThat(Chart.yaml("Chart.yaml").path("appVersion").textValue()).isEqualTo(project);
        assertThat(Chart.yaml("Chart.yaml")
                        .at("/annotations/artifacthub.io~1images")
                        .textValue())
                .contains("/operator:" + project, "/runner:" + project, "/runner-cuda:" + project);
    }
}
