package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import io.embeddingoperator.runner.embed.onnx.settings.DenseModule;
import io.embeddingoperator.runner.embed.onnx.settings.VectorSettings;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes vectors of a model's rows.
 *
 * @param documents the pooling of documents
 * @param queries the pooling of search texts, whose prefix may be another
 * @param dense the layers of the head, as files
 * @param metric the distance that the vectors are made for
 */
record VectorMaking(
        VectorPooling documents,
        VectorPooling queries,
        List<DenseModule> dense,
        VectorHead head,
        DistanceMetric metric) {
    VectorMaking {
        dense = List.copyOf(dense);
    }

    /**
     * Puts it together.
     *
     * @param wanted dimensions of the manifest, or null for all of them
     * @throws SpecificationException when the model's files ask for what the runner cannot do, or do not fit the model
     */
    static VectorMaking of(
            VectorSettings settings,
            PublishedFiles files,
            ModelOutput output,
            ModelTokenizer documents,
            ModelTokenizer queries,
            @Nullable Integer wanted) {
        if (!output.pooled()) {
            refuseWhatDoesNotFit(settings, output);
        }
        // Where the graph pools, it holds what follows too.
        List<DenseModule> dense = output.pooled()
                ? List.of()
                : settings.densePaths().stream()
                        .map(path -> DenseModule.find(files, path))
                        .toList();
        VectorPooling pooling = pooling(settings, output, documents);
        return new VectorMaking(
                pooling,
                pooling(settings, output, queries),
                dense,
                VectorHead.of(settings, dense, pooling, wanted),
                settings.metric().value());
    }

    private static VectorPooling pooling(VectorSettings settings, ModelOutput output, ModelTokenizer tokenizer) {
        return new VectorPooling(
                settings.pooling().value(), output, settings.promptIsPooled() ? 0 : tokenizer.promptTokens());
    }

    private static void refuseWhatDoesNotFit(VectorSettings settings, ModelOutput output) {
        settings.unknownStep().ifPresent(step -> {
            throw new SpecificationException(
                    ("modules.json of the model has a step %s behind the transformer, which the runner cannot take: export"
                                    + " the model with an output sentence_embedding that holds it")
                            .formatted(step));
        });
        settings.tokenDimensions().ifPresent(expected -> {
            if (expected != output.dimensions()) {
                throw new SpecificationException(
                        ("%s of the model is for tokens of %d numbers, and its output %s has %d: use the ONNX file and the"
                                        + " settings of one model")
                                .formatted(settings.pooling().source(), expected, output.name(), output.dimensions()));
            }
        });
    }
}
