package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.EmbedderSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.api.v1alpha1.SinkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Names the fields of a spec that may not change within a run: source, chunking, embedder, sink and shards. */
final class IdentityFingerprint {
    private IdentityFingerprint() {}

    /**
     * The fingerprint of a run.
     *
     * @param run its number: where the operator's count was lost, as with the status of a backup, a number may be given to another
     *     runNonce. In earlier releases the two were the same
     */
    static String of(EmbeddingJobSpec spec, int run) {
        List<Object> identity = new ArrayList<>(List.of(
                spec.source(),
                spec.chunking(),
                said(spec.embedder()),
                new SinkSpec(spec.sink().pgvector().orMetric(DistanceMetric.Cosine)),
                spec.sharding().shards()));
        if (spec.runNonce() != run) {
            identity.add(spec.runNonce());
        }
        return JsonFingerprint.of(identity);
    }

    /**
     * With what earlier releases filled in where a manifest says nothing, and what is now read from the model: an operator of either
     * release writes the manifest of a run under way. That both mean the same vectors is held by the run's recipe.
     */
    private static EmbedderSpec said(EmbedderSpec embedder) {
        OnnxEmbedder onnx = embedder.onnx();
        if (onnx == null) {
            return embedder;
        }
        OnnxEmbedder said = new OnnxEmbedder(
                onnx.model(),
                Objects.requireNonNullElse(onnx.pooling(), Pooling.Mean),
                Objects.requireNonNullElse(onnx.normalize(), true),
                Objects.requireNonNullElse(onnx.maxTokens(), Math.min(256, onnx.maxBatchTokens())),
                Objects.requireNonNullElse(onnx.prefix(), ""),
                Objects.requireNonNullElse(onnx.queryPrefix(), ""),
                onnx.dimensions(),
                onnx.layerNormBeforeCut(),
                onnx.output(),
                onnx.inputs(),
                onnx.device(),
                onnx.maxBatchTokens());
        return new EmbedderSpec(said, null);
    }
}
