package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of the two images a run needs. A pod that asks for no GPU gets the image without CUDA: some nodes show their GPUs to
 * every pod, and a runner must not work on one that the scheduler gave to another pod.
 */
final class RunnerImage {
    private RunnerImage() {}

    static String of(EmbeddingJobSpec spec, RunnerImages images) {
        return switch (spec.embedder().selected()) {
            case OnnxEmbedder onnx -> of(onnx, spec.template(), images);
            case OpenAiEmbedder openai -> images.runner();
        };
    }

    static String of(OnnxEmbedder onnx, RunnerTemplate template, RunnerImages images) {
        return switch (onnx.device()) {
            case CUDA -> images.runnerCuda();
            case CPU -> images.runner();
            case Auto -> asksForDevice(template.resources()) ? images.runnerCuda() : images.runner();
        };
    }

    /** No name of a GPU resource is known here: {@code nvidia.com/gpu}, a MIG slice and a shared one have the same form. */
    private static boolean asksForDevice(@Nullable ResourceRequirements resources) {
        return resources != null && (namesDevice(resources.getLimits()) || namesDevice(resources.getRequests()));
    }

    private static boolean namesDevice(@Nullable Map<String, Quantity> quantities) {
        return quantities != null && quantities.keySet().stream().anyMatch(RunnerImage::isExtended);
    }

    /** Extended resources have a domain, and it is not Kubernetes' own. */
    private static boolean isExtended(String resource) {
        int slash = resource.indexOf('/');
        return slash > 0 && !resource.substring(0, slash).endsWith("kubernetes.io");
    }
}
