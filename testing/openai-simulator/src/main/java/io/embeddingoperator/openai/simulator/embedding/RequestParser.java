package io.embeddingoperator.openai.simulator.embedding;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Reads the body of a request for embeddings as the real server does, and refuses in its words. */
public final class RequestParser {
    private static final Set<String> PROPERTIES = Set.of("model", "input", "encoding_format", "user");
    private static final int MAX_REQUEST_TOKENS = 300_000;
    private static final String INPUT_INVALID =
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.";

    private final Profile profile;
    private final List<Model> models;

    public RequestParser(Profile profile, List<Model> models) {
        this.profile = profile;
        this.models = List.copyOf(models);
    }

    /**
     * @param violations is told the rules that the client could and should have kept
     * @throws ApiException what the client is answered
     */
    public EmbeddingRequest parse(JsonNode body, Account account, Consumer<String> violations) {
        if (!body.isObject()) {
            violations.accept("the body is not a JSON object");
            throw refused("We could not parse the JSON body of your request.");
        }
        body.fieldNames().forEachRemaining(name -> {
            if (!PROPERTIES.contains(name) && !name.equals(profile.dimensionsName())) {
                violations.accept("the request has the unknown property " + name);
                throw refused("Unrecognized request argument supplied: " + name);
            }
        });
        String name = modelName(body, violations);
        Model model = model(name, account);
        boolean base64 = base64(body, violations);
        int dimensions = dimensions(body, model, violations);
        List<EmbeddingInput> inputs = inputs(body.path("input"), model, violations);
        EmbeddingRequest request = new EmbeddingRequest(model, name, inputs, dimensions, base64);
        if (profile.limitsRequestTokens() && request.tokens() > MAX_REQUEST_TOKENS) {
            violations.accept("the request has " + request.tokens() + " tokens, more than " + MAX_REQUEST_TOKENS);
            throw new ApiException(new ApiError(
                    400,
                    "Requested " + request.tokens() + " tokens, max " + MAX_REQUEST_TOKENS + " tokens per request",
                    "max_tokens_per_request",
                    null,
                    "max_tokens_per_request"));
        }
        return request;
    }

    private static String modelName(JsonNode body, Consumer<String> violations) {
        JsonNode model = body.path("model");
        if (!model.isTextual() || model.textValue().isEmpty()) {
            violations.accept("the request names no model");
            throw refused("you must provide a model parameter");
        }
        return model.textValue();
    }

    /** The model of a name that the account may use. */
    public Model model(String name, Account account) {
        Model model = models.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .or(() -> profile.knowsModels()
                        ? Optional.empty()
                        : models.stream().findFirst())
                .orElseThrow(() -> new ApiException(ApiError.notFound(
                        "The model `" + name + "` does not exist or you do not have access to it.",
                        null,
                        "model_not_found")));
        if (account.deniedModels().contains(name)) {
            throw new ApiException(ApiError.forbidden(
                    "Project `" + account.project() + "` does not have access to model `" + name + "`",
                    "model_not_found"));
        }
        return model;
    }

    private boolean base64(JsonNode body, Consumer<String> violations) {
        JsonNode format = body.path("encoding_format");
        if (format.isMissingNode()) {
            violations.accept("the request leaves encoding_format to the server, whose default may differ");
            return false;
        }
        String value = format.asText();
        if (!format.isTextual() || !Set.of("float", "base64").contains(value)) {
            violations.accept("encoding_format is " + format);
            throw refused(
                    "Invalid value: '" + value + "'. Supported values are: 'float' and 'base64'.",
                    "encoding_format",
                    "invalid_value");
        }
        if (value.equals("base64") && !profile.takesBase64()) {
            throw refused(
                    "[{'type': 'literal_error', 'loc': ('body', 'encoding_format'), 'msg': \"Input should be 'float'\"}]");
        }
        return value.equals("base64");
    }

    private int dimensions(JsonNode body, Model model, Consumer<String> violations) {
        JsonNode dimensions = body.path(profile.dimensionsName());
        if (dimensions.isMissingNode() || dimensions.isNull()) {
            return model.dimensions();
        }
        if (!dimensions.isIntegralNumber() || !dimensions.canConvertToInt()) {
            violations.accept("dimensions is " + dimensions);
            throw refused(
                    "Invalid type for 'dimensions': expected an integer, but got "
                            + dimensions.getNodeType().name().toLowerCase(Locale.ROOT) + " instead.",
                    "dimensions",
                    "invalid_type");
        }
        if (!model.shortens()) {
            throw refused("This model does not support specifying dimensions.");
        }
        if (dimensions.intValue() < 1) {
            violations.accept("dimensions is " + dimensions);
            throw refused(
                    "Invalid 'dimensions': integer below minimum value. Expected a value >= 1, but got " + dimensions
                            + " instead.",
                    "dimensions",
                    "integer_below_min_value");
        }
        if (dimensions.intValue() > model.dimensions()) {
            throw refused("Invalid value for 'dimensions' = " + dimensions + ". Must be less than or equal to "
                    + model.dimensions() + ".");
        }
        return dimensions.intValue();
    }

    private List<EmbeddingInput> inputs(JsonNode input, Model model, Consumer<String> violations) {
        List<EmbeddingInput> inputs = new ArrayList<>();
        if (input.isTextual()) {
            inputs.add(text(input));
        } else if (input.isArray() && !input.isEmpty() && input.get(0).isIntegralNumber()) {
            inputs.add(tokens(input, violations));
        } else if (input.isArray() && !input.isEmpty()) {
            if (input.size() > profile.maxInputs()) {
                violations.accept("the request has " + input.size() + " inputs, more than " + profile.maxInputs());
                throw tooManyInputs(input.size());
            }
            boolean texts = input.get(0).isTextual();
            for (JsonNode element : input) {
                if (element.isTextual() != texts || !(element.isTextual() || element.isArray())) {
                    violations.accept("the inputs are of several kinds, or of none that is known");
                    throw refused(INPUT_INVALID);
                }
                inputs.add(texts ? text(element) : tokens(element, violations));
            }
        } else {
            violations.accept("the request has no input");
            throw refused(INPUT_INVALID);
        }
        return withinContext(inputs, model);
    }

    private List<EmbeddingInput> withinContext(List<EmbeddingInput> inputs, Model model) {
        List<EmbeddingInput> within = new ArrayList<>();
        for (int place = 0; place < inputs.size(); place++) {
            EmbeddingInput input = inputs.get(place);
            if (input.tokens() > model.maxInputTokens() && !profile.cutsLongTexts()) {
                throw refused("Invalid 'input[" + place + "]': maximum input length is " + model.maxInputTokens()
                        + " tokens.");
            }
            within.add(input.cutTo(model.maxInputTokens()));
        }
        return within;
    }

    private ApiException tooManyInputs(int inputs) {
        if (profile == Profile.TEXT_EMBEDDINGS_INFERENCE) {
            return new ApiException(new ApiError(
                    422,
                    "batch size " + inputs + " > maximum allowed batch size " + profile.maxInputs(),
                    "validation",
                    null,
                    null));
        }
        return refused(
                "Invalid 'input': array too long. Expected an array with maximum length " + profile.maxInputs()
                        + ", but got an array with length " + inputs + " instead.",
                "input",
                "array_above_max_length");
    }

    private static EmbeddingInput text(JsonNode node) {
        if (node.textValue().isEmpty()) {
            throw refused(INPUT_INVALID);
        }
        return EmbeddingInput.of(node.textValue());
    }

    private EmbeddingInput tokens(JsonNode array, Consumer<String> violations) {
        if (!profile.takesTokens()) {
            violations.accept("the server takes texts, and got tokens");
            throw refused("invalid input type");
        }
        int[] tokens = new int[array.size()];
        for (int place = 0; place < tokens.length; place++) {
            JsonNode token = array.get(place);
            if (!token.isIntegralNumber() || !token.canConvertToInt() || !Tokens.known(token.intValue())) {
                violations.accept("an input has the unknown token " + token);
                throw refused("Invalid token: " + token);
            }
            tokens[place] = token.intValue();
        }
        if (tokens.length == 0) {
            throw refused(INPUT_INVALID);
        }
        return EmbeddingInput.of(tokens);
    }

    private static ApiException refused(String message) {
        return new ApiException(ApiError.invalid(message));
    }

    private static ApiException refused(String message, String param, String code) {
        return new ApiException(ApiError.invalid(message, param, code));
    }
}
