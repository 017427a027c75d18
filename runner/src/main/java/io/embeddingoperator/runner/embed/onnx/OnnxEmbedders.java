package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.memory.ProcessMemory;
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
     * @throws SpecificationException when the model, its tokenizer, the spec or the memory cannot work together
     * @throws io.embeddingoperator.runner.failure.UnavailableException when CUDA is asked for and not there
     */
    public static Embedder open(OnnxEmbedder spec, ModelFiles files) {
        return open(spec, files, ProcessMemory.ofThisProcess());
    }

    static Embedder open(OnnxEmbedder spec, ModelFiles files, ProcessMemory memory) {
        TokenizerFile tokenizerFile = TokenizerFile.read(files.tokenizer());
        ModelTokenizer tokenizer = tokenizer(tokenizerFile, spec, spec.prefix(), "prefix");
        ModelTokenizer queryTokenizer = tokenizer(tokenizerFile, spec, spec.queryPrefix(), "queryPrefix");
        // Before ONNX Runtime opens any of its files: the model may name others than its own.
        ModelGraph graph = ModelGraph.read(files);
        ConcurrentCalls calls = ConcurrentCalls.of(files, graph, spec, memory);
        if (!LoadedModel.triesCuda(spec.device())) {
            // At once, and not after a large model was loaded.
            calls.onCpu(1);
        }
        InferenceLimit limit = InferenceLimit.of(files, graph);
        TextModel model = inspect(
                ModelLoading.within(limit.load(), files.model(), spec.device()), tokenizerFile.padding(), limit);
        try {
            BatchLimits limits = model.settings().batchLimits(spec.maxTokens(), spec.maxBatchTokens(), model.output());
            int concurrency = calls.on(model.settings());
            WarmUp.run(
                    model,
                    files.model(),
                    spec,
                    graph.quantizesByBatch() ? 1 : limits.maxTokens() / spec.maxTokens(),
                    concurrency);
            return new SessionEmbedder(
                    describe(files, model, graph, spec, concurrency),
                    ModelFingerprint.of(files, graph, model.output(), spec),
                    model,
                    new VectorPooling(spec.pooling(), model.output()),
                    spec.normalize(),
                    graph.quantizesByBatch(),
                    tokenizer,
                    queryTokenizer,
                    limits,
                    concurrency);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Closes the model when it does not work. */
    private static TextModel inspect(LoadedModel loaded, int padding, InferenceLimit limit) {
        try {
            return new TextModel(loaded, padding, limit);
        } catch (InferenceTimeoutException e) {
            loaded.close();
            throw new SpecificationException(
                    "the model %s cannot embed two short texts (%s): use a model without such loops"
                            .formatted(loaded.file(), e.getMessage()),
                    e);
        } catch (OrtException e) {
            if (loaded.annotated()) {
                LOG.info(
                        "The model {} has other shapes than expected and is loaded as it was published: {}",
                        loaded.file(),
                        Reason.of(e));
                return inspect(loaded.asPublished(), padding, limit);
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

    private static String describe(
            ModelFiles files, TextModel model, ModelGraph graph, OnnxEmbedder spec, int concurrency) {
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
                "%d %s at a time on %s".formatted(concurrency, concurrency == 1 ? "call" : "calls", model.place()));
        return String.join(", ", parts);
    }
}
