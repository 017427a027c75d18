package io.embeddingoperator.runner.embed.onnx.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The file {@code config.json} of a model: what its transformer is. */
record Architecture(SettingsFile file) {
    static final String FILE = "config.json";

    /** Those that leave as many positions free before a text as the padding's id is. */
    private static final Set<String> POSITIONS_BEHIND_PADDING = Set.of(
            "camembert",
            "data2vec-text",
            "ibert",
            "longformer",
            "mpnet",
            "roberta",
            "roberta-prelayernorm",
            "xlm-roberta",
            "xlm-roberta-xl",
            "xmod");

    private static final int USUAL_PADDING = 1;

    /** The model's name on the hub, as some versions of transformers write it down. */
    Optional<String> name() {
        return file.text("_name_or_path").map(Stated::value);
    }

    /** The position of a text's first token. */
    int firstPosition() {
        if (!POSITIONS_BEHIND_PADDING.contains(file.json().path("model_type").asText())) {
            return 0;
        }
        return file.json().path("pad_token_id").asInt(USUAL_PADDING) + 1;
    }

    /** The most tokens of a text that it has positions for. */
    OptionalInt maxTokens() {
        OptionalInt positions = file.count("max_position_embeddings");
        return positions.isPresent() && positions.getAsInt() > firstPosition()
                ? OptionalInt.of(positions.getAsInt() - firstPosition())
                : OptionalInt.empty();
    }

    /** To how many numbers vectors may be cut (Matryoshka); none where it says nothing. */
    List<Integer> lengths() {
        List<Integer> lengths = new ArrayList<>();
        for (JsonNode length : file.json().path("matryoshka_dimensions")) {
            lengths.add(length.asInt());
        }
        return List.copyOf(lengths);
    }
}
