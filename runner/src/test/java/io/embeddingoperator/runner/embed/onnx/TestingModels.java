package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/** The models that tests run: the bundled one, and tiny ones that each have a property of their own. */
final class TestingModels {
    private static final ModelSource UNUSED = new ModelSource("all-minilm-l6-v2", null, null, null, null);

    private TestingModels() {}

    static ModelFiles miniLm() {
        Path folder = Path.of(System.getProperty("embedding.models"), "all-minilm-l6-v2");
        return new ModelFiles(
                "all-minilm-l6-v2",
                folder.resolve("model.onnx"),
                folder.resolve("tokenizer.json"),
                _ -> Optional.empty());
    }

    static ModelFiles tiny(String file) {
        return new ModelFiles(
                file,
                ReferenceVector.FOLDER.resolve(file),
                ReferenceVector.FOLDER.resolve("tiny-tokenizer.json"),
                _ -> Optional.empty());
    }

    static OnnxEmbedder spec(Pooling pooling, boolean normalize, int maxTokens) {
        return new OnnxEmbedder(
                UNUSED, pooling, normalize, maxTokens, null, null, null, null, null, null, Device.CPU, null);
    }

    static OnnxEmbedder spec(Device device) {
        return new OnnxEmbedder(UNUSED, Pooling.Mean, true, 32, null, null, null, null, null, null, device, null);
    }

    static OnnxEmbedder spec(int maxTokens, String prefix, String queryPrefix) {
        return new OnnxEmbedder(
                UNUSED, Pooling.Mean, true, maxTokens, prefix, queryPrefix, null, null, null, null, Device.CPU, null);
    }

    static Embedder miniLm(int maxTokens) {
        return open(spec(Pooling.Mean, true, maxTokens), miniLm());
    }

    /** Opens an embedder for documents that are not divided. */
    static Embedder open(OnnxEmbedder spec, ModelFiles files) {
        return OnnxEmbedders.open(spec, files, OptionalInt.empty());
    }
}
