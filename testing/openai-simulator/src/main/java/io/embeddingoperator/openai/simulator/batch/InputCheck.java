package io.embeddingoperator.openai.simulator.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.account.Model;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingInput;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingRequest;
import io.embeddingoperator.openai.simulator.embedding.RequestParser;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Validates the file of a batch, line by line. */
final class InputCheck {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_LINES = 50_000;
    private static final long MAX_INPUTS = 50_000;
    private static final long MAX_BYTES = 209_715_200;
    private static final int MOST_ERRORS = 20;
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final Set<String> PROPERTIES = Set.of("custom_id", "method", "url", "body");

    private final RequestParser parser;
    private final String endpoint;
    private final Account account;
    private final List<Fault.OfTexts> refused;
    private final Consumer<String> violations;

    private final Set<String> customIds = new HashSet<>();
    private final List<BatchError> errors = new ArrayList<>();
    private Optional<Model> model = Optional.empty();
    private String modelName = "";
    private long inputs;
    private long tokens;

    InputCheck(
            RequestParser parser,
            String endpoint,
            Account account,
            List<Fault.OfTexts> refused,
            Consumer<String> violations) {
        this.parser = parser;
        this.endpoint = endpoint;
        this.account = account;
        this.refused = List.copyOf(refused);
        this.violations = violations;
    }

    CheckedInput check(Path file, Path indexFile) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            refuse("invalid_request", "The batch input file is larger than the 209715200 bytes allowed.", null, null);
        }
        LineIndex index;
        try (LineIndex.Writer writer = new LineIndex.Writer(indexFile);
                BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (number > MAX_LINES) {
                    refuse("invalid_request", "The batch input file has more than 50000 requests.", null, null);
                    break;
                }
                Optional<BatchLine> checked = check(line, number);
                if (checked.isPresent()) {
                    writer.add(checked.get());
                }
                if (errors.size() >= MOST_ERRORS) {
                    break;
                }
            }
            if (number == 0) {
                refuse(
                        "empty_file",
                        "The input file is empty. Please ensure that the batch contains at least one request.",
                        null,
                        null);
            }
            index = writer.finish();
        } catch (CharacterCodingException e) {
            refuse("invalid_json_line", "The input file is not valid UTF-8.", null, null);
            index = emptyIndex(indexFile);
        }
        if (inputs > MAX_INPUTS) {
            refuse(
                    "invalid_request",
                    "The batch has " + inputs + " embedding inputs, more than the 50000 allowed.",
                    null,
                    null);
        }
        return new CheckedInput(index, model, modelName, inputs, tokens, errors);
    }

    private static LineIndex emptyIndex(Path indexFile) throws IOException {
        try (LineIndex.Writer writer = new LineIndex.Writer(indexFile)) {
            return writer.finish();
        }
    }

    private Optional<BatchLine> check(String text, int number) {
        JsonNode line = null;
        try {
            line = text.isEmpty() || text.charAt(0) == BYTE_ORDER_MARK ? null : JSON.readTree(text);
        } catch (JsonProcessingException _) {
            // Reported below, like the other lines that are no object.
        }
        if (line == null || !line.isObject()) {
            return refuse("invalid_json_line", "This line is not parseable as valid JSON.", null, number);
        }
        boolean ofGemini = endpoint.startsWith(Batches.LINES_FOR);
        if (ofGemini) {
            line = GeminiRequest.inOpenAiForm(
                    line,
                    endpoint.substring(Batches.LINES_FOR.length()),
                    rule -> violations.accept("line " + number + " " + rule));
        }
        boolean bare = ofGemini || endpoint.equals(Batches.BARE_LINES);
        for (String name : bare ? List.of("custom_id", "body") : List.of("custom_id", "method", "url", "body")) {
            if (line.path(name).isMissingNode() || line.path(name).isNull()) {
                return refuse(
                        "missing_required_parameter", "Missing required parameter: '" + name + "'.", name, number);
            }
        }
        line.fieldNames().forEachRemaining(name -> {
            if (!PROPERTIES.contains(name)) {
                violations.accept("line " + number + " has the unknown property " + name);
            }
        });
        String customId = line.path("custom_id").asText();
        if (!customIds.add(customId)) {
            return refuse(
                    "duplicate_custom_id",
                    "The custom_id '" + customId + "' is used more than once.",
                    "custom_id",
                    number);
        }
        if (bare) {
            return checkBody(customId, line.path("body"), number);
        }
        if (!line.path("method").asText().equals("POST")) {
            return refuse("invalid_method", "The HTTP method of the request must be POST.", "method", number);
        }
        if (!line.path("url").asText().equals(endpoint)) {
            return refuse(
                    "invalid_url",
                    "The URL provided for this request does not match the batch endpoint.",
                    "url",
                    number);
        }
        return checkBody(customId, line.path("body"), number);
    }

    private Optional<BatchLine> checkBody(String customId, JsonNode body, int number) {
        String name = body.path("model").asText();
        if (name.isEmpty()) {
            return refuse("invalid_request", "Missing required parameter: 'body.model'.", "body.model", number);
        }
        if (modelName.isEmpty()) {
            modelName = name;
        }
        if (!name.equals(modelName)) {
            return refuse(
                    "mismatched_model",
                    "The provided model '" + name + "' does not match the first request's model '" + modelName
                            + "'. Each batch must contain requests for a single model.",
                    "body.model",
                    number);
        }
        try {
            model = Optional.of(parser.model(name, account));
        } catch (ApiException e) {
            return refuse(
                    "model_not_found",
                    "The provided model '" + name + "' is not supported by the Batch API.",
                    "body.model",
                    number);
        }
        try {
            EmbeddingRequest request =
                    parser.parse(body, account, rule -> violations.accept("line " + number + ": " + rule));
            inputs += request.inputs().size();
            tokens += request.tokens();
            return Optional.of(refusedText(customId, request)
                    .orElseGet(() -> new BatchLine(
                            customId,
                            request.dimensions(),
                            request.base64(),
                            Math.toIntExact(request.tokens()),
                            request.inputs().stream().mapToLong(request::hash).toArray(),
                            Optional.empty())));
        } catch (ApiException e) {
            // The line alone fails, when it is executed.
            inputs += Math.max(
                    1, body.path("input").isArray() ? body.path("input").size() : 1);
            return Optional.of(BatchLine.failed(customId, e.error()));
        }
    }

    private Optional<BatchLine> refusedText(String customId, EmbeddingRequest request) {
        List<String> texts =
                request.inputs().stream().map(EmbeddingInput::words).toList();
        return refused.stream()
                .filter(some -> some.meets(texts))
                .findFirst()
                .map(some -> BatchLine.failed(customId, some.error()));
    }

    private Optional<BatchLine> refuse(String code, String message, @Nullable String param, @Nullable Integer line) {
        errors.add(new BatchError(code, message, param, line));
        violations.accept((line == null ? "" : "line " + line + ": ") + message);
        return Optional.empty();
    }
}
