package io.embeddingoperator.runner.serve;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.embed.InputType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A request for vectors, in the form of OpenAI's {@code POST /v1/embeddings}.
 *
 * @param truncate whether a text that is longer than the model reads may lose its end
 * @param base64 whether vectors come back as the bytes of their floats, little-endian, in place of numbers
 */
record EmbeddingRequest(List<String> texts, InputType type, boolean truncate, boolean base64) {
    private static final ObjectMapper JSON = new ObjectMapper();

    EmbeddingRequest {
        texts = List.copyOf(texts);
        Objects.requireNonNull(type, "type");
    }

    /** @throws RefusedRequestException when the body is no such request, or one for another model */
    static EmbeddingRequest read(byte[] body, ServedModel model, ServeLimits limits) throws RefusedRequestException {
        JsonNode request = json(body);
        checkModel(request, model);
        checkDimensions(request, model.embedder().dimensions());
        return new EmbeddingRequest(
                texts(request.path("input"), limits), type(request), truncate(request), base64(request));
    }

    private static JsonNode json(byte[] body) throws RefusedRequestException {
        try {
            JsonNode request = JSON.readTree(body);
            if (request.isObject()) {
                return request;
            }
        } catch (JacksonException e) {
            throw RefusedRequestException.invalid(
                    "body", "The body is not JSON: %s.".formatted(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory are always read", e);
        }
        throw RefusedRequestException.invalid(
                "body", "The body is not a JSON object: send {\"model\": …, \"input\": …}.");
    }

    private static void checkModel(JsonNode request, ServedModel model) throws RefusedRequestException {
        JsonNode name = request.path("model");
        if (!name.isTextual()) {
            throw RefusedRequestException.invalid(
                    "model", "model is missing: this endpoint serves \"%s\".".formatted(model.name()));
        }
        if (!model.names().contains(name.textValue())) {
            // Vectors of one model, taken for those of another, would be found nowhere and seen by nothing.
            throw RefusedRequestException.of(
                    404,
                    "model",
                    "model is \"%s\", and this endpoint serves \"%s\"."
                            .formatted(name.textValue(), String.join("\" or \"", model.names())));
        }
    }

    private static void checkDimensions(JsonNode request, int dimensions) throws RefusedRequestException {
        JsonNode wanted = request.path("dimensions");
        if (wanted.isMissingNode() || wanted.isNull() || wanted.isInt() && wanted.intValue() == dimensions) {
            return;
        }
        throw RefusedRequestException.invalid(
                "dimensions",
                ("dimensions is %s, and vectors of this endpoint have %d, as those of the table: leave it out, or set"
                                + " spec.embedder.onnx.dimensions in the manifest.")
                        .formatted(wanted, dimensions));
    }

    private static List<String> texts(JsonNode input, ServeLimits limits) throws RefusedRequestException {
        List<String> texts = new ArrayList<>();
        if (input.isTextual()) {
            texts.add(input.textValue());
        } else if (input.isArray()) {
            if (input.size() > limits.requestTexts()) {
                throw RefusedRequestException.invalid(
                        "input",
                        "input holds %d texts, and a request may hold %d: send them in several."
                                .formatted(input.size(), limits.requestTexts()));
            }
            for (JsonNode text : input) {
                texts.add(text(text, texts.size()));
            }
        }
        if (texts.isEmpty()) {
            throw RefusedRequestException.invalid(
                    "input", "input is missing or empty: give a text, or an array of texts.");
        }
        for (int i = 0; i < texts.size(); i++) {
            if (texts.get(i).isBlank()) {
                throw RefusedRequestException.invalid(
                        "input", "input[%d] is empty: leave it out, or give it some words.".formatted(i));
            }
        }
        return texts;
    }

    private static String text(JsonNode text, int index) throws RefusedRequestException {
        if (text.isTextual()) {
            return text.textValue();
        }
        if (text.isNumber() || text.isArray()) {
            // A client counts with the vocabulary that it knows, which is OpenAI's: here the same numbers are other
            // words.
            throw RefusedRequestException.invalid(
                    "input",
                    ("input[%d] holds tokens, which are another model's: send text (LangChain does with"
                                    + " check_embedding_ctx_length=False).")
                            .formatted(index));
        }
        throw RefusedRequestException.invalid("input", "input[%d] is %s: give a text.".formatted(index, text));
    }

    private static InputType type(JsonNode request) throws RefusedRequestException {
        JsonNode type = request.path("input_type");
        if (type.isMissingNode() || type.isNull()) {
            return InputType.QUERY;
        }
        for (InputType each : InputType.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(type.textValue())) {
                return each;
            }
        }
        throw RefusedRequestException.invalid(
                "input_type", "input_type is %s: use \"query\", the default, or \"document\".".formatted(type));
    }

    private static boolean truncate(JsonNode request) throws RefusedRequestException {
        JsonNode truncate = request.path("truncate");
        if (truncate.isMissingNode() || truncate.isNull() || truncate.isBoolean()) {
            return truncate.booleanValue();
        }
        throw RefusedRequestException.invalid("truncate", "truncate is %s: use true or false.".formatted(truncate));
    }

    private static boolean base64(JsonNode request) throws RefusedRequestException {
        JsonNode format = request.path("encoding_format");
        if (format.isMissingNode() || format.isNull() || "float".equals(format.textValue())) {
            return false;
        }
        if ("base64".equals(format.textValue())) {
            return true;
        }
        throw RefusedRequestException.invalid(
                "encoding_format", "encoding_format is %s: use \"float\" or \"base64\".".formatted(format));
    }
}
