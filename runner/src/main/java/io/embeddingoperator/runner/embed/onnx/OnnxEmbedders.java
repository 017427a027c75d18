package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.embed.onnx.settings.ModelSettings;
import io.embeddingoperator.runner.embed.onnx.settings.Stated;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.memory.ProcessMemory;
import java.util.OptionalInt;
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
     * @param chunkTokens the most tokens of a chunk; empty where documents are not divided
     * @throws SpecificationException when the model, its tokenizer, the spec or the memory cannot work together
     * @throws io.embeddingoperator.runner.failure.UnavailableException when CUDA is asked for and not there
     */
    public static LocalEmbedder open(OnnxEmbedder spec, ModelFiles files, OptionalInt chunkTokens) {
        return open(spec, files, chunkTokens, ProcessMemory.ofThisProcess());
    }

    static LocalEmbedder open(OnnxEmbedder spec, ModelFiles files, OptionalInt chunkTokens, ProcessMemory memory) {
        ModelSettings settings = ModelSettings.of(spec, files.published(), chunkTokens);
        int maxTokens = settings.text().maxTokens().value();
        TokenizerFile tokenizerFile = TokenizerFile.read(files.tokenizer());
        ModelTokenizer tokenizer =
                tokenizer(tokenizerFile, settings.text(), settings.text().prefix(), "prefix");
        ModelTokenizer queryTokenizer = tokenizer(
                tokenizerFile, settings.text().ofQueries(), settings.text().queryPrefix(), "queryPrefix");
        // Before ONNX Runtime opens any of its files: the model may name others than its own.
        ModelGraph graph = ModelGraph.read(files);
        ConcurrentCalls calls = ConcurrentCalls.of(files, graph, maxTokens, memory);
        if (!LoadedModel.triesCuda(spec.device())) {
            // At once, and not after a large model was loaded.
            calls.onCpu(1);
        }
        InferenceLimit limit = InferenceLimit.of(files, graph);
        TextModel model = inspect(
                ModelLoading.within(limit.load(), files.model(), spec.device()),
                spec,
                new RowFilling(tokenizerFile.ids().padding(), settings.firstPosition()),
                limit);
        try {
            VectorMaking vectors = VectorMaking.of(
                    settings.vector(), files.published(), model.output(), tokenizer, queryTokenizer, spec.dimensions());
            TextBatching batching =
                    TextBatching.of(graph, model, new BatchProbe(model, vectors.documents(), tokenizer));
            BatchLimits limits = model.settings().batchLimits(maxTokens, spec.maxBatchTokens(), model.output());
            int concurrency = calls.on(model.settings());
            new WarmUp(
                            model,
                            files.model(),
                            tokenizerFile.ids(),
                            settings.text().maxTokens())
                    .run(spec, batching.alone() ? 1 : Math.max(1, limits.maxTokens() / maxTokens), concurrency);
            ModelDescription description = new ModelDescription(settings, model.output());
            description.warnings().forEach(LOG::warn);
            return new SessionEmbedder(
                    description.sentence(files.name(), vectors.head(), batching, concurrency, model.place()),
                    ModelFingerprint.of(files, graph, model, settings, vectors, batching.alone()),
                    model,
                    vectors,
                    batching.alone(),
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
    private static TextModel inspect(LoadedModel loaded, OnnxEmbedder spec, RowFilling filling, InferenceLimit limit) {
        try {
            return new TextModel(loaded, spec, filling, limit);
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
                return inspect(loaded.asPublished(), spec, filling, limit);
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

    private static ModelTokenizer tokenizer(
            TokenizerFile file, TextSettings settings, Stated<String> prefix, String field) {
        try {
            return new ModelTokenizer(file, settings, prefix.value());
        } catch (IllegalArgumentException e) {
            Stated<Integer> maxTokens = settings.maxTokens();
            throw new SpecificationException(
                    "%s is %d: %s; raise it or shorten spec.embedder.onnx.%s"
                            .formatted(maxTokens.source(), maxTokens.value(), e.getMessage(), field),
                    e);
        }
    }
}
