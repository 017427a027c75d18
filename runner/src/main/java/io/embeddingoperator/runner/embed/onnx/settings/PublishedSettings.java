package io.embeddingoperator.runner.embed.onnx.settings;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a model's own files say of how its vectors are made; each is empty where they say nothing. The layouts are those of
 * sentence-transformers and of the Hugging Face hub.
 */
record PublishedSettings(
        Optional<Modules> modules,
        Optional<PoolingFile> poolingFile,
        Optional<SettingsFile> textFile,
        Optional<Prompts> prompts,
        Optional<KnownPrompts> known,
        Optional<String> name,
        Optional<Architecture> architecture,
        Optional<TokenizerSettings> tokenizer) {
    private static final String USUAL_POOLING_PATH = "1_Pooling";

    /**
     * Reads them.
     *
     * @param repository of the hub, where the model comes from there
     */
    static PublishedSettings read(PublishedFiles published, Optional<String> repository) {
        Optional<Architecture> architecture =
                SettingsFile.find(published, Architecture.FILE).map(Architecture::new);
        Optional<Modules> modules = SettingsFile.find(published, Modules.FILE).map(Modules::of);
        String poolingPath = modules.map(Modules::poolingPath)
                .filter(path -> !path.isEmpty())
                .orElse(USUAL_POOLING_PATH);
        Optional<String> name = repository.or(() -> architecture.flatMap(Architecture::name));
        return new PublishedSettings(
                modules,
                SettingsFile.find(published, poolingPath + "/config.json").map(PoolingFile::new),
                SettingsFile.find(published, "sentence_bert_config.json"),
                SettingsFile.find(published, Prompts.FILE).map(Prompts::new),
                name.flatMap(KnownPrompts::of),
                name,
                architecture,
                SettingsFile.find(published, TokenizerSettings.FILE).map(TokenizerSettings::new));
    }

    Optional<Stated<List<Pooling>>> pooling() {
        return poolingFile.flatMap(PoolingFile::pooling);
    }

    Optional<Stated<Boolean>> normalize() {
        return modules.map(list -> new Stated<>(list.normalizes(), Modules.FILE));
    }

    /** The most tokens of a text: what is said for this use, otherwise what the transformer and its tokenizer both take. */
    Optional<Stated<Integer>> maxTokens() {
        return textFile.flatMap(file -> stated(file.count("max_seq_length"), file.path()))
                .or(() -> {
                    OptionalInt positions =
                            architecture.map(Architecture::maxTokens).orElse(OptionalInt.empty());
                    OptionalInt tokens =
                            tokenizer.map(TokenizerSettings::maxTokens).orElse(OptionalInt.empty());
                    boolean tokenizerDecides =
                            tokens.isPresent() && (positions.isEmpty() || tokens.getAsInt() <= positions.getAsInt());
                    return tokenizerDecides
                            ? stated(tokens, TokenizerSettings.FILE)
                            : stated(positions, Architecture.FILE);
                });
    }

    Optional<Stated<String>> prefix() {
        return prompt(
                prompts.flatMap(Prompts::document),
                known.map(each -> new Stated<>(each.document(), KnownPrompts.SOURCE)));
    }

    Optional<Stated<String>> queryPrefix() {
        return prompt(
                prompts.flatMap(Prompts::query), known.map(each -> new Stated<>(each.query(), KnownPrompts.SOURCE)));
    }

    /** Who saves a model anew leaves an empty prompt in a file that had none. */
    private static Optional<Stated<String>> prompt(Optional<Stated<String>> ofFile, Optional<Stated<String>> known) {
        return ofFile.filter(prompt -> !prompt.value().isEmpty())
                .or(() -> known)
                .or(() -> ofFile);
    }

    Optional<Stated<Boolean>> layerNormBeforeCut() {
        return name.filter(KnownLayerNorm::isOf).map(_ -> new Stated<>(true, KnownPrompts.SOURCE));
    }

    Optional<Stated<DistanceMetric>> metric() {
        return prompts.flatMap(each -> each.file().text("similarity_fn_name")).flatMap(name -> switch (name.value()) {
            case "cosine" -> Optional.of(new Stated<>(DistanceMetric.Cosine, name.source()));
            case "dot", "dot_product" -> Optional.of(new Stated<>(DistanceMetric.InnerProduct, name.source()));
            case "euclidean" -> Optional.of(new Stated<>(DistanceMetric.Euclidean, name.source()));
            default -> Optional.empty();
        });
    }

    /** Whether texts are written in lower case before the tokenizer sees them. */
    boolean lowerCase() {
        return textFile.map(file -> file.says("do_lower_case")).orElse(false);
    }

    private static Optional<Stated<Integer>> stated(OptionalInt value, String source) {
        return value.isPresent() ? Optional.of(new Stated<>(value.getAsInt(), source)) : Optional.empty();
    }
}
