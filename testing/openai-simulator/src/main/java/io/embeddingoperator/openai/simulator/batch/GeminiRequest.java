package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.function.Consumer;

/** A line of a file for Gemini, which asks for one vector. */
final class GeminiRequest {
    private static final Set<String> PROPERTIES = Set.of("key", "request");
    private static final Set<String> OF_REQUEST =
            Set.of("content", "outputDimensionality", "taskType", "title", "model");

    private GeminiRequest() {}

    /** As OpenAI has the same, without method and URL. */
    static JsonNode inOpenAiForm(JsonNode line, String model, Consumer<String> violations) {
        unknown(line, PROPERTIES, violations);
        JsonNode request = line.path("request");
        unknown(request, OF_REQUEST, violations);
        JsonNode parts = request.path("content").path("parts");
        if (parts.size() != 1) {
            violations.accept("has not one part: all parts of a content make one vector");
        }
        ObjectNode translated = JsonNodeFactory.instance.objectNode();
        translated.set("custom_id", line.get("key"));
        ObjectNode body = translated
                .putObject("body")
                .put("model", model)
                .put("encoding_format", "float")
                .put("input", parts.path(0).path("text").asText());
        if (request.has("outputDimensionality")) {
            body.set("dimensions", request.get("outputDimensionality"));
        }
        return translated;
    }

    private static void unknown(JsonNode object, Set<String> known, Consumer<String> violations) {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                violations.accept("has the unknown property " + name);
            }
        });
    }
}
