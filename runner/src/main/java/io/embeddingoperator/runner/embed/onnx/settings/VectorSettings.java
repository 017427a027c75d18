package io.embeddingoperator.runner.embed.onnx.settings;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.Pooling;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What becomes of the token vectors that a model gives.
 *
 * @param pooling one, or several whose vectors are put one behind another
 * @param promptIsPooled whether the tokens of a prefix count like those of the text
 * @param tokenDimensions of a token's vector, where the model's files say it
 * @param densePaths the folders of the dense layers behind the pooling, in their order
 * @param unknownStep a step behind the transformer that the runner cannot take
 * @param normalize whether the vector is scaled to length 1 at the end
 * @param lengths to how many numbers vectors may be cut; none where the model's files say nothing
 * @param layerNormBeforeCut whether a vector that is cut goes through a layer norm before
 * @param metric the distance that the vectors are made for
 */
public record VectorSettings(
        Stated<List<Pooling>> pooling,
        boolean promptIsPooled,
        OptionalInt tokenDimensions,
        List<String> densePaths,
        Optional<String> unknownStep,
        Stated<Boolean> normalize,
        List<Integer> lengths,
        Stated<Boolean> layerNormBeforeCut,
        Stated<DistanceMetric> metric) {
    public VectorSettings {
        densePaths = List.copyOf(densePaths);
        lengths = List.copyOf(lengths);
    }
}
