package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RunnerEndpointTest {
    @Test
    void aRunningPodAnswersOnThePortOfItsContainer() {
        assertThat(RunnerEndpoint.of(running(pod -> pod)))
                .contains(new RunnerEndpoint(
                        "wiki-1-3-abcde", URI.create("http://10.1.2.3:8080/progress"), "search/wiki", 1, 3));
    }

    @Test
    void anAddressOfIpVersion6IsPutInBrackets() {
        Pod pod = running(built -> built.editStatus().withPodIP("fd00::7").endStatus());

        assertThat(RunnerEndpoint.of(pod).orElseThrow().progress()).hasToString("http://[fd00::7]:8080/progress");
    }

    @Test
    void aPodThatDoesNotRunOrHasNoAddressIsNotAsked() {
        assertThat(RunnerEndpoint.of(
                        running(pod -> pod.editStatus().withPhase("Pending").endStatus())))
                .isEmpty();
        assertThat(RunnerEndpoint.of(
                        running(pod -> pod.editStatus().withPhase("Succeeded").endStatus())))
                .isEmpty();
        assertThat(RunnerEndpoint.of(
                        running(pod -> pod.editStatus().withPodIP(null).endStatus())))
                .isEmpty();
        assertThat(RunnerEndpoint.of(running(pod -> pod.withStatus(null)))).isEmpty();
    }

    @Test
    void aPodThatIsNoRunnerOfAShardIsNotAsked() {
        assertThat(RunnerEndpoint.of(
                        running(pod -> pod.editMetadata().withAnnotations(null).endMetadata())))
                .isEmpty();
        assertThat(RunnerEndpoint.of(running(pod -> pod.editMetadata()
                        .addToAnnotations(RunnerEndpoint.SHARD_ANNOTATION, "third")
                        .endMetadata())))
                .isEmpty();
        assertThat(RunnerEndpoint.of(
                        running(pod -> pod.editMetadata().withLabels(null).endMetadata())))
                .isEmpty();
    }

    private static Pod running(UnaryOperator<PodBuilder> change) {
        PodTemplateSpec template = RunnerJob.desired(TestingManifest.wiki(), TestingImages.IMAGES)
                .getSpec()
                .getTemplate();
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("wiki-1-3-abcde")
                .withNamespace("search")
                .withLabels(template.getMetadata().getLabels())
                .addToAnnotations(RunnerEndpoint.SHARD_ANNOTATION, "3")
                .endMetadata()
                .withSpec(template.getSpec())
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.1.2.3")
                .endStatus();
        return change.apply(pod).build();
    }
}
