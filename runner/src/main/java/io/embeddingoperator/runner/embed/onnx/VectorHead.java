package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.onnx.dense.DenseLayer;
import io.embeddingoperator.runner.embed.onnx.settings.DenseModule;
import io.embeddingoperator.runner.embed.onnx.settings.VectorSettings;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done to a pooled vector.
 *
 * @param dense layers that it goes through, in their order
 * @param wholeDimensions of it after that
 * @param layerNorm whether it goes through a layer norm without weights before it is cut
 * @param dimensions of what is kept of it: the first so many
 * @param normalize whether that is scaled to length 1
 */
record VectorHead(List<DenseLayer> dense, int wholeDimensions, boolean layerNorm, int dimensions, boolean normalize) {
    private static final Logger LOG = LoggerFactory.getLogger(VectorHead.class);
    private static final String FIELD = "spec.embedder.onnx.dimensions";

    /** Of a variance, as PyTorch has it: what is all the same stays finite. */
    private static final double LEAST_VARIANCE = 1e-5;

    VectorHead {
        dense = List.copyOf(dense);
    }

    /**
     * The head of a model: its dense layers where the graph does not hold them.
     *
     * @param settings of the model, which name dense layers
     * @param modules of those, in their order
     * @param wanted dimensions of the manifest, or null for all of them
     * @throws SpecificationException when the model's files ask for what the runner cannot do, or do not fit the model
     */
    static VectorHead of(
            VectorSettings settings, List<DenseModule> modules, VectorPooling pooling, @Nullable Integer wanted) {
        List<DenseLayer> layers = new ArrayList<>();
        int dimensions = pooling.dimensions();
        for (DenseModule module : modules) {
            DenseLayer layer = DenseLayer.read(module.weights(), module.activation());
            if (layer.inputs() != dimensions) {
                throw new SpecificationException(
                        "the dense layer %s takes vectors of %d numbers, and the model gives %d: use files of one model"
                                .formatted(module.weights(), layer.inputs(), dimensions));
            }
            layers.add(layer);
            dimensions = layer.outputs();
        }
        int kept = cut(settings, dimensions, wanted);
        return new VectorHead(
                layers,
                dimensions,
                kept < dimensions && settings.layerNormBeforeCut().value(),
                kept,
                settings.normalize().value());
    }

    private static int cut(VectorSettings settings, int dimensions, @Nullable Integer wanted) {
        if (wanted == null) {
            return dimensions;
        }
        if (wanted > dimensions) {
            throw new SpecificationException(
                    "%s is %d, and the model's vectors have %d: use at most that, or leave it out"
                            .formatted(FIELD, wanted, dimensions));
        }
        if (wanted < dimensions && !settings.lengths().contains(wanted)) {
            LOG.warn(
                    "{} is {}, and the model's files {}: compare a search with one in whole vectors",
                    FIELD,
                    wanted,
                    settings.lengths().isEmpty()
                            ? "do not say that its vectors may be cut"
                            : "name the lengths " + settings.lengths());
        }
        return wanted;
    }

    boolean isCut() {
        return dimensions < wholeDimensions;
    }

    /**
     * The finished vector.
     *
     * @param text its place in the batch, from 0
     * @throws EmbeddingException when it is not finite
     */
    float[] finish(float[] pooled, int text) throws EmbeddingException {
        float[] vector = pooled;
        for (DenseLayer layer : dense) {
            vector = layer.apply(vector);
        }
        if (layerNorm) {
            vector = standardized(vector);
        }
        if (isCut()) {
            vector = Arrays.copyOf(vector, dimensions);
        }
        double squared = UnitLength.squared(vector);
        if (!Double.isFinite(squared)) {
            throw new EmbeddingException(
                    "the model's vector for text %d of the batch holds NaN or infinity: ".formatted(text + 1)
                            + "it cannot embed this text");
        }
        if (normalize) {
            UnitLength.scale(vector, squared);
        }
        return vector;
    }

    /** With the mean 0 and the variance 1. */
    private static float[] standardized(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += value;
        }
        double mean = sum / vector.length;
        double squares = 0;
        for (float value : vector) {
            squares += (value - mean) * (value - mean);
        }
        double factor = 1 / Math.sqrt(squares / vector.length + LEAST_VARIANCE);
        float[] standardized = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            standardized[i] = (float) ((vector[i] - mean) * factor);
        }
        return standardized;
    }
}
