package io.embeddingoperator.runner.embed.onnx.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.api.v1alpha1.Pooling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The file {@code 1_Pooling/config.json} of a model. */
record PoolingFile(SettingsFile file) {
    /** In the order in which sentence-transformers puts vectors one behind another. */
    private static final Map<String, Pooling> FLAGS = flags();

    private static final Map<String, Pooling> NAMES = Map.of(
            "cls", Pooling.CLS,
            "max", Pooling.Max,
            "mean", Pooling.Mean,
            "mean_sqrt_len_tokens", Pooling.MeanSqrtLength,
            "weightedmean", Pooling.WeightedMean,
            "lasttoken", Pooling.LastToken);

    /**
     * One, or several whose vectors are put one behind another.
     *
     * @return empty where it names none that the runner knows
     */
    Optional<Stated<List<Pooling>>> pooling() {
        List<Pooling> pooling = new ArrayList<>();
        FLAGS.forEach((flag, each) -> {
            if (file.says(flag)) {
                pooling.add(each);
            }
        });
        JsonNode mode = file.json().path("pooling_mode");
        if (pooling.isEmpty() && mode.isTextual()) {
            for (String name : mode.textValue().split("\\+")) {
                if (!NAMES.containsKey(name)) {
                    return Optional.empty();
                }
                pooling.add(NAMES.get(name));
            }
        }
        return pooling.isEmpty() ? Optional.empty() : Optional.of(new Stated<>(List.copyOf(pooling), file.path()));
    }

    /** Whether the tokens of a prompt count like those of the text. */
    boolean promptIsPooled() {
        return file.flag("include_prompt").map(Stated::value).orElse(true);
    }

    /** Numbers of a token's vector. */
    OptionalInt tokenDimensions() {
        return file.count("word_embedding_dimension");
    }

    private static Map<String, Pooling> flags() {
        Map<String, Pooling> flags = new LinkedHashMap<>();
        flags.put("pooling_mode_cls_token", Pooling.CLS);
        flags.put("pooling_mode_max_tokens", Pooling.Max);
        flags.put("pooling_mode_mean_tokens", Pooling.Mean);
        flags.put("pooling_mode_mean_sqrt_len_tokens", Pooling.MeanSqrtLength);
        flags.put("pooling_mode_weightedmean_tokens", Pooling.WeightedMean);
        flags.put("pooling_mode_lasttoken", Pooling.LastToken);
        return flags;
    }
}
