package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.settings.ModelSettings;
import io.embeddingoperator.runner.embed.onnx.settings.Stated;
import io.embeddingoperator.runner.embed.onnx.settings.TextSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells a person how vectors are made, and which file or field says so. */
record ModelDescription(ModelSettings settings, ModelOutput output) {
    /** One line. */
    String sentence(String name, VectorHead head, TextBatching batching, int concurrency, String place) {
        List<String> parts = new ArrayList<>();
        parts.add(name);
        parts.add(head.dimensions() + " dimensions");
        parts.add(output.format().name().toLowerCase(Locale.ROOT));
        parts.add(pooling());
        if (head.layerNorm()) {
            parts.add("a layer norm before the cut" + source(settings.vector().layerNormBeforeCut()));
        }
        parts.add(normalization());
        TextSettings text = settings.text();
        parts.add("texts of at most %d tokens%s".formatted(text.maxTokens().value(), source(text.maxTokens())));
        addPrefix(parts, "documents", text.prefix());
        addPrefix(parts, "queries", text.queryPrefix());
        text.opening().ifPresent(token -> parts.add("texts begin with " + token.value() + source(token)));
        text.closing().ifPresent(token -> parts.add("texts end with " + token.value() + source(token)));
        parts.add(batching.description());
        parts.add("%d %s at a time on %s".formatted(concurrency, concurrency == 1 ? "call" : "calls", place));
        return String.join(", ", parts);
    }

    /** What a person should know before rows are written. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        settings.contradictions()
                .forEach(each ->
                        warnings.add(each + ": the manifest is followed; leave the field out to follow the model"));
        if (!output.pooled() && settings.vector().pooling().isGuess()) {
            warnings.add(
                    "the model was published without 1_Pooling/config.json, and the manifest says nothing: pooling %s is a guess; look it up and set spec.embedder.onnx.pooling"
                            .formatted(ModelSettings.shown(
                                    settings.vector().pooling().value())));
        }
        return warnings;
    }

    private String pooling() {
        if (output.pooled()) {
            return "pooled by the model itself (%s)%s"
                    .formatted(
                            output.name(),
                            settings.vector().pooling().isByManifest()
                                    ? ", pooling %s not applied"
                                            .formatted(ModelSettings.shown(
                                                    settings.vector().pooling().value()))
                                    : "");
        }
        return "%s pooling%s"
                .formatted(
                        ModelSettings.shown(settings.vector().pooling().value()),
                        source(settings.vector().pooling()));
    }

    private String normalization() {
        Stated<Boolean> normalize = settings.vector().normalize();
        return (normalize.value() ? "normalized" : "not normalized") + source(normalize);
    }

    private static void addPrefix(List<String> parts, String of, Stated<String> prefix) {
        if (!prefix.value().isEmpty()) {
            parts.add("%s begin with %s%s".formatted(of, ModelSettings.shown(prefix.value()), source(prefix)));
        }
    }

    /** What stands without a file is as the manifest says, or as is usual. */
    private static String source(Stated<?> stated) {
        return stated.isByPublisher() ? " (" + stated.source() + ")" : "";
    }
}
