package io.embeddingoperator.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.embeddingoperator.api.testing.Manifests;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class EmbeddingJobTest {
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    @TestFactory
    Stream<DynamicTest> isWhatTheKubernetesClientReads() {
        return Manifests.validNames(ApiVersion.KIND).stream()
                .map(name -> dynamicTest(name, () -> {
                    String manifest = Manifests.valid(name).toString();

                    EmbeddingJob job = KUBERNETES.unmarshal(manifest, EmbeddingJob.class);

                    assertThat(job.getSpec())
                            .isEqualTo(Manifests.YAML.treeToValue(
                                    Manifests.valid(name).path("spec"), EmbeddingJobSpec.class));
                    assertThat(KUBERNETES
                                    .unmarshal(KUBERNETES.asYaml(job), EmbeddingJob.class)
                                    .getSpec())
                            .isEqualTo(job.getSpec());
                }));
    }

    @Test
    void isServedUnderTheNamesOfItsApi() {
        var job = new EmbeddingJob();

        assertThat(job.getApiVersion()).isEqualTo(ApiVersion.GROUP_VERSION);
        assertThat(job.getKind()).isEqualTo(ApiVersion.KIND);
    }
}
