package io.embeddingoperator.runner.embed.onnx.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps that sentence-transformers takes from a text to its vector, as {@code modules.json} lists them.
 *
 * @param poolingPath the folder of the pooling's settings
 * @param densePaths the folders of the dense layers behind it, in their order
 * @param normalizes whether vectors are scaled to length 1 at the end
 * @param unknown the kind of a step that the runner cannot take, or not at this place
 */
record Modules(String poolingPath, List<String> densePaths, boolean normalizes, Optional<String> unknown) {
    static final String FILE = "modules.json";

    Modules {
        densePaths = List.copyOf(densePaths);
    }

    static Modules of(SettingsFile file) {
        String poolingPath = "";
        List<String> densePaths = new ArrayList<>();
        boolean normalizes = false;
        Optional<String> unknown = Optional.empty();
        for (JsonNode module : file.json()) {
            String kind = module.path("type").asText().replaceFirst(".*\\.", "");
            String path = module.path("path").asText();
            boolean known = true;
            switch (kind) {
                // What it does is the ONNX file's part, or nothing outside of training.
                case "Transformer", "Dropout" -> {}
                case "Pooling" -> {
                    known = poolingPath.isEmpty() && densePaths.isEmpty() && !normalizes;
                    poolingPath = path;
                }
                case "Dense" -> {
                    known = !poolingPath.isEmpty() && !normalizes;
                    densePaths.add(path);
                }
                case "Normalize" -> normalizes = true;
                default -> known = false;
            }
            if (!known && unknown.isEmpty()) {
                unknown = Optional.of(kind.isEmpty() ? "without a type" : kind);
            }
        }
        return new Modules(poolingPath, densePaths, normalizes, unknown);
    }
}
