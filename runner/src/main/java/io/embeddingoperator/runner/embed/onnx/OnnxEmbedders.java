package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the embedder of a manifest's {@code spec.embedder.onnx}. */
public final class OnnxEmbedders {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxEmbedders.class);

    private OnnxEmbedders() {}

    /**
     * Loads a model and tries it out: inputs and output are found, and a text of the greatest length is run, so that a
     * model that cannot do its work is refused here and not in the middle of a run.
     *
     * @param files where {@link io.embeddingoperator.runner.embed.onnx.model.ModelLocator} found the model
     * @throws SpecificationException when the model, its tokenizer or the spec cannot work together
     * @throws io.embeddingoperator.runner.failure.UnavailableException when CUDA is asked for and not there
     */
    public static Embedder open(OnnxEmbedder spec, ModelFiles files) {
        TokenizerFile tokenizerFile = TokenizerFile.read(files.tokenizer());
        ModelTokenizer tokenizer = tokenizer(tokenizerFile, spec, spec.prefix(), "prefix");
        ModelTokenizer queryTokenizer = tokenizer(tokenizerFile, spec, spec.queryPrefix(), "queryPrefix");
        TextModel model = inspect(LoadedModel.load(files.model(), spec.device()), tokenizerFile.padding());
        try {
            ModelGraph graph = ModelGraph.read(files.model());
            BatchLimits limits = model.settings().batchLimits(spec.maxTokens(), spec.maxBatchTokens(), model.output());
            WarmUp.run(
                    model, files.model(), spec, graph.quantizesByBatch() ? 1 : limits.maxTokens() / spec.maxTokens());
            return new SessionEmbedder(
                    describe(files, model, graph, spec),
                    ModelFingerprint.of(files, graph, model.output(), spec),
                    model,
                    new VectorPooling(spec.pooling(), model.output()),
                    spec.normalize(),
                    graph.quantizesByBatch(),
                    tokenizer,
                    queryTokenizer,
                    limits);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Closes the model when it does not work. */
    private static TextModel inspect(LoadedModel loaded, int padding) {
        try {
            return new TextModel(loaded, padding);
        } catch (OrtException e) {
            if (loaded.annotated()) {
                LOG.info(
                        "The model {} has other shapes than expected and is loaded as it was published: {}",
                        loaded.file(),
                        Reason.of(e));
                return inspect(loaded.asPublished(), padding);
            }
            loaded.close();
            throw new SpecificationException(
                    ("the model %s fails on a batch of two short texts (%s): use a text embedding "
                                    + "model with a dynamic batch axis")
                            .formatted(loaded.file(), Reason.of(e)),
                    e);
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    private static ModelTokenizer tokenizer(TokenizerFile file, OnnxEmbedder spec, String prefix, String field) {
        try {
            return new ModelTokenizer(file, spec.maxTokens(), prefix);
        } catch (IllegalArgumentException e) {
            throw new SpecificationException(
                    "spec.embedder.onnx.maxTokens is %d: %s; raise maxTokens or shorten spec.embedder.onnx.%s"
                            .formatted(spec.maxTokens(), e.getMessage(), field),
                    e);
        }
    }

    private static String describe(ModelFiles files, TextModel model, ModelGraph graph, OnnxEmbedder spec) {
        ModelOutput output = model.output();
        List<String> parts = List.of(
                files.name(),
                output.dimensions() + " dimensions",
                output.format().name().toLowerCase(Locale.ROOT),
                output.pooled()
                        ? "pooled by the model itself (%s), pooling %s not applied"
                                .formatted(output.name(), spec.pooling())
                        : spec.pooling() + " pooling",
                graph.quantizesByBatch()
                        ? "dynamically quantised, so each text runs alone and unpadded to be reproducible"
                        : "batched",
                "%d calls at a time on %s".formatted(model.settings().concurrency(), model.place()));
        return String.join(", ", parts);
    }
}
