package io.embeddingoperator.helm.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.helm.chart.Chart;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GitOpsManifestsTest {
    private static final ObjectMapper STRICT =
            Statuses.YAML.copy().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    @Test
    void installTheChartWithValuesThatItTakes() throws IOException {
        JsonNode argo = Statuses.read(Statuses.ARGO_CD.resolve("operator.yaml"));
        JsonNode flux = Statuses.documents(Statuses.GITOPS.resolve("flux/operator.yaml"))
                .getLast();

        for (JsonNode values : List.of(argo.at("/spec/source/helm/valuesObject"), flux.at("/spec/values"))) {
            assertThat(values).isNotEmpty();
            assertThat(Chart.render(values.toString()).kinds()).contains("Deployment", "PrometheusRule");
        }
        assertThat(argo.at("/spec/source/targetRevision").textValue())
                .isEqualTo(STRICT.readTree(Chart.FOLDER.resolve("Chart.yaml").toFile())
                        .path("version")
                        .textValue());
    }

    @Test
    void neverDeleteAJobBecauseItLeftGit() {
        JsonNode argo = Statuses.read(Statuses.ARGO_CD.resolve("jobs.yaml"));
        JsonNode flux = Statuses.read(Statuses.GITOPS.resolve("flux/jobs.yaml"));

        assertThat(argo.at("/spec/syncPolicy/automated/prune").isBoolean()).isTrue();
        assertThat(argo.at("/spec/syncPolicy/automated/prune").booleanValue()).isFalse();
        assertThat(flux.at("/spec/prune").isBoolean()).isTrue();
        assertThat(flux.at("/spec/prune").booleanValue()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("io.embeddingoperator.helm.gitops.Statuses#names")
    void areTriedOnStatusesThatTheApiHas(String name) throws IOException {
        JsonNode job = Statuses.named(name);

        assertThat(STRICT.treeToValue(job.path("spec"), EmbeddingJobSpec.class)).isNotNull();
        if (job.has("status")) {
            assertThat(STRICT.treeToValue(job.path("status"), EmbeddingJobStatus.class))
                    .isNotNull();
        }
    }
}
