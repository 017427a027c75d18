package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Names everything that a vector depends on. Processor and batch shape are not among it. */
final class ModelFingerprint {
    /** Counts up when the same files come to give other last bits: 2 since shapes are added to models. */
    private static final int ARITHMETIC = 2;

    private ModelFingerprint() {}

    static String of(ModelFiles files, ModelGraph graph, ModelOutput output, OnnxEmbedder spec) {
        List<String> parts = new ArrayList<>();
        parts.add("onnx");
        parts.add("arithmetic=" + ARITHMETIC);
        parts.add("model=" + hash(files.model()));
        for (Path external : graph.externalFiles().values()) {
            parts.add("weights=" + hash(external));
        }
        parts.add("tokenizer=" + hash(files.tokenizer()));
        parts.add("output=" + output.name());
        parts.add("pooling=" + (output.pooled() ? "model" : spec.pooling()));
        parts.add("normalize=" + spec.normalize());
        parts.add("maxTokens=" + spec.maxTokens());
        parts.add("texts=" + (graph.quantizesByBatch() ? "alone" : "batched"));
        parts.add("prefix=" + spec.prefix());
        return String.join(" ", parts);
    }

    private static String hash(Path file) {
        try {
            return FileHash.sha256(file);
        } catch (IOException e) {
            ReadPermission.check(file);
            throw new SpecificationException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
