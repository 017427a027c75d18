package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.embed.onnx.settings.DenseModule;
import io.embeddingoperator.runner.embed.onnx.settings.ModelSettings;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
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

    /** What is left out is as it was before there was a choice, so that the names of older vectors stay. */
    static String of(
            ModelFiles files,
            ModelGraph graph,
            TextModel model,
            ModelSettings settings,
            VectorMaking vectors,
            boolean alone) {
        ModelOutput output = model.output();
        List<String> parts = new ArrayList<>();
        parts.add("onnx");
        parts.add("arithmetic=" + ARITHMETIC);
        parts.add("model=" + hash(files.model()));
        for (Path external : graph.externalFiles().values()) {
            parts.add("weights=" + hash(external));
        }
        parts.add("tokenizer=" + hash(files.tokenizer()));
        parts.add("output=" + output.name());
        parts.add("pooling="
                + (output.pooled()
                        ? "model"
                        : ModelSettings.shown(settings.vector().pooling().value())));
        for (DenseModule dense : vectors.dense()) {
            parts.add("dense=%s/%s".formatted(hash(dense.weights()), dense.activation()));
        }
        parts.add("normalize=" + settings.vector().normalize().value());
        parts.add("maxTokens=" + lengthOfTexts(settings.text()));
        parts.add("texts=" + (alone ? "alone" : "batched"));
        parts.addAll(unusual(settings, vectors, model));
        parts.add("prefix=" + settings.text().prefix().value());
        return String.join(" ", parts);
    }

    /** A length that no text reaches changes no vector: the same for all, also where their chunks need another one. */
    private static int lengthOfTexts(TextSettings text) {
        return text.asChunksNeed()
                ? ModelSettings.USUAL_MAX_TOKENS
                : text.maxTokens().value();
    }

    private static List<String> unusual(ModelSettings settings, VectorMaking vectors, TextModel model) {
        List<String> parts = new ArrayList<>();
        TextSettings text = settings.text();
        text.opening().ifPresent(token -> parts.add("opening=" + token.value()));
        text.closing().ifPresent(token -> parts.add("closing=" + token.value()));
        if (text.lowerCase()) {
            parts.add("case=lower");
        }
        if (settings.firstPosition() > 0 && model.has(InputRole.POSITION_IDS)) {
            parts.add("positions=" + settings.firstPosition());
        }
        if (!settings.vector().promptIsPooled()) {
            parts.add("prompt=apart");
        }
        if (vectors.head().layerNorm()) {
            parts.add("layerNorm=beforeCut");
        }
        if (vectors.head().isCut()) {
            parts.add("dimensions=" + vectors.head().dimensions());
        }
        return parts;
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
