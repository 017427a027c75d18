package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunnerImageTest {
    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource(delimiter = '|', textBlock = """
                    Auto | {}                                             | embedding-runner
                    Auto | {limits: {cpu: 4, memory: 4Gi}}                | embedding-runner
                    Auto | {limits: {hugepages-2Mi: 64Mi}}                | embedding-runner
                    Auto | {limits: {attachable.kubernetes.io/disks: 1}}  | embedding-runner
                    Auto | {limits: {nvidia.com/gpu: 1}}                  | embedding-runner-cuda
                    Auto | {requests: {nvidia.com/gpu: 1}}                | embedding-runner-cuda
                    Auto | {limits: {nvidia.com/mig-1g.10gb: 1}}          | embedding-runner-cuda
                    Auto | {limits: {nvidia.com/gpu.shared: 1}}           | embedding-runner-cuda
                    CUDA | {}                                             | embedding-runner-cuda
                    CPU  | {limits: {nvidia.com/gpu: 1}}                  | embedding-runner
                    """)
    void theDeviceAndTheResourcesChooseTheImage(String device, String resources, String image) {
        var spec = TestingManifest.wiki("""
                        spec:
                          embedder: {onnx: {device: %s}}
                          template: {resources: %s}
                        """.formatted(device, resources)).getSpec();

        assertThat(RunnerImage.of(spec, TestingImages.IMAGES))
                .isEqualTo("registry.example.org/%s:test".formatted(image));
    }

    @Test
    void aModelBehindAnApiNeedsNoGpu() {
        var spec = TestingManifest.wiki("""
                        spec:
                          embedder:
                            onnx: null
                            openai: {model: text-embedding-3-small, dimensions: 1536, apiKey: {secretKeyRef: {name: openai, key: apiKey}}}
                          template: {resources: {limits: {nvidia.com/gpu: 1}}}
                        """).getSpec();

        assertThat(RunnerImage.of(spec, TestingImages.IMAGES)).isEqualTo(TestingImages.IMAGES.runner());
    }
}
