package io.embeddingoperator.runner.embed.onnx.settings;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How a model makes vectors: what the manifest says, otherwise what the model's own files say, otherwise what is usual.
 *
 * @param firstPosition the position of a text's first token
 * @param contradictions between the manifest and the files, each a clause with both values; the manifest is followed
 */
public record ModelSettings(TextSettings text, VectorSettings vector, int firstPosition, List<String> contradictions) {
    /** Also what every manifest had before it could be left out. */
    public static final int USUAL_MAX_TOKENS = 256;

    /** Longer texts cost memory by the square of their length: only a manifest that asks for them gets them. */
    private static final int MOST_TOKENS_UNASKED = 8_192;

    public ModelSettings {
        contradictions = List.copyOf(contradictions);
    }

    /**
     * Reads the files of a model.
     *
     * @param chunkTokens the most tokens of a chunk; empty where documents are not divided
     * @throws SpecificationException when a file is damaged, or names a pooling that the runner does not know and the manifest
     *     names none
     */
    public static ModelSettings of(OnnxEmbedder spec, PublishedFiles files, OptionalInt chunkTokens) {
        Optional<String> repository =
                Optional.ofNullable(spec.model().huggingFace()).map(HuggingFaceModel::repository);
        PublishedSettings published = PublishedSettings.read(files, repository);
        List<String> contradictions = new ArrayList<>();
        return new ModelSettings(
                text(spec, published, chunkTokens, contradictions),
                vector(spec, published, contradictions),
                published.architecture().map(Architecture::firstPosition).orElse(0),
                contradictions);
    }

    private static TextSettings text(
            OnnxEmbedder spec, PublishedSettings published, OptionalInt chunkTokens, List<String> contradictions) {
        Stated<Integer> maxTokens = maxTokens(spec, published, chunkTokens, contradictions);
        boolean asChunksNeed = spec.maxTokens() == null && chunkTokens.isPresent();
        return new TextSettings(
                maxTokens,
                asChunksNeed,
                asChunksNeed ? atLeast(maxTokens, published) : maxTokens,
                chosen("prefix", spec.prefix(), published.prefix(), "", contradictions),
                chosen("queryPrefix", spec.queryPrefix(), published.queryPrefix(), "", contradictions),
                published.lowerCase(),
                published.tokenizer().flatMap(TokenizerSettings::opening),
                published.tokenizer().flatMap(TokenizerSettings::closing));
    }

    private static VectorSettings vector(OnnxEmbedder spec, PublishedSettings published, List<String> contradictions) {
        Optional<Modules> modules = published.modules();
        return new VectorSettings(
                pooling(spec, published, contradictions),
                published.poolingFile().map(PoolingFile::promptIsPooled).orElse(true),
                published.poolingFile().map(PoolingFile::tokenDimensions).orElse(OptionalInt.empty()),
                modules.map(Modules::densePaths).orElse(List.of()),
                modules.flatMap(Modules::unknown),
                chosen("normalize", spec.normalize(), published.normalize(), true, contradictions),
                published.architecture().map(Architecture::lengths).orElse(List.of()),
                chosen(
                        "layerNormBeforeCut",
                        spec.layerNormBeforeCut(),
                        published.layerNormBeforeCut(),
                        false,
                        contradictions),
                published.metric().orElse(Stated.byNone(DistanceMetric.Cosine)));
    }

    private static Stated<List<Pooling>> pooling(
            OnnxEmbedder spec, PublishedSettings published, List<String> contradictions) {
        Optional<Stated<List<Pooling>>> ofFile = published.pooling();
        if (spec.pooling() == null && published.poolingFile().isPresent() && ofFile.isEmpty()) {
            throw new SpecificationException("%s of the model names no pooling that the runner knows: set %spooling"
                    .formatted(published.poolingFile().get().file().path(), Stated.FIELD));
        }
        List<Pooling> manifest = spec.pooling() == null ? null : List.of(spec.pooling());
        return chosen("pooling", manifest, ofFile, List.of(Pooling.Mean), contradictions);
    }

    private static Stated<Integer> maxTokens(
            OnnxEmbedder spec, PublishedSettings published, OptionalInt chunkTokens, List<String> contradictions) {
        Optional<Stated<Integer>> ofModel = published.maxTokens();
        Integer manifest = spec.maxTokens();
        if (manifest != null) {
            ofModel.filter(most -> manifest > most.value())
                    .ifPresent(most -> contradictions.add("%smaxTokens is %d, and %s of the model says at most %d"
                            .formatted(Stated.FIELD, manifest, most.source(), most.value())));
            return Stated.byManifest(manifest, "maxTokens");
        }
        int most = ofModel.map(Stated::value).orElse(Integer.MAX_VALUE);
        if (chunkTokens.isPresent() && chunkTokens.getAsInt() <= most) {
            return new Stated<>(chunkTokens.getAsInt(), "spec.chunking.maxTokens");
        }
        return unasked(published).orElse(Stated.byNone(USUAL_MAX_TOKENS));
    }

    /** What the model takes, where that is more. */
    private static Stated<Integer> atLeast(Stated<Integer> tokens, PublishedSettings published) {
        return unasked(published).filter(own -> own.value() > tokens.value()).orElse(tokens);
    }

    private static Optional<Stated<Integer>> unasked(PublishedSettings published) {
        return published.maxTokens().map(own -> new Stated<>(Math.min(own.value(), MOST_TOKENS_UNASKED), own.source()));
    }

    private static <T> Stated<T> chosen(
            String field, @Nullable T manifest, Optional<Stated<T>> published, T usual, List<String> contradictions) {
        if (manifest == null) {
            return published.orElse(Stated.byNone(usual));
        }
        published
                .filter(stated -> !stated.value().equals(manifest))
                .ifPresent(stated -> contradictions.add("%s%s is %s, and %s of the model says %s"
                        .formatted(Stated.FIELD, field, shown(manifest), stated.source(), shown(stated.value()))));
        return Stated.byManifest(manifest, field);
    }

    /** A value as a person reads it. */
    public static String shown(Object value) {
        return switch (value) {
            case List<?> several ->
                String.join("+", several.stream().map(String::valueOf).toList());
            case String text -> "\"" + text + "\"";
            default -> String.valueOf(value);
        };
    }
}
