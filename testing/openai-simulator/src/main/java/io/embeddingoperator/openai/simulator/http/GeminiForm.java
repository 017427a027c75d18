package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.file.StoredFile;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gemini's files and batches, as another wording of OpenAI's. */
final class GeminiForm {
    static final String KEY = "x-goog-api-key";
    static final String UPLOAD_ID = "upload_id";
    private static final String UPLOADS = "/upload/v1beta/files";
    private static final Pattern PATH = Pattern.compile("/v1beta/(files|batches|models)(?:/([^/:]+))?(?::(\\w+))?");
    private static final Set<String> PAGE = Set.of("pageSize", "pageToken");
    private static final int LARGEST_PAGE = 100;
    private static final Map<String, String> STATES = Map.of(
            "validating", "PENDING",
            "in_progress", "RUNNING",
            "finalizing", "RUNNING",
            "cancelling", "RUNNING",
            "completed", "SUCCEEDED",
            "failed", "FAILED",
            "expired", "EXPIRED",
            "cancelled", "CANCELLED");

    private GeminiForm() {}

    static Optional<Route> route(String method, String path, String query) {
        if (path.equals(UPLOADS) && method.equals("POST")) {
            boolean begun = query != null && query.contains(UPLOAD_ID + "=");
            return Optional.of(new Route(begun ? Endpoint.UPLOAD_FILE : Endpoint.BEGIN_UPLOAD, ""));
        }
        Matcher parts = PATH.matcher(path);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String form = method + " " + parts.group(1) + (parts.group(2) == null ? "" : "/*")
                + (parts.group(3) == null ? "" : ":" + parts.group(3));
        Endpoint endpoint = switch (form) {
            case "GET files" -> Endpoint.LIST_FILES;
            case "GET files/*" -> Endpoint.GET_FILE;
            case "DELETE files/*" -> Endpoint.DELETE_FILE;
            case "GET files/*:download" -> Endpoint.FILE_CONTENT;
            case "POST models/*:asyncBatchEmbedContent" -> Endpoint.CREATE_BATCH;
            case "GET batches" -> Endpoint.LIST_BATCHES;
            case "GET batches/*" -> Endpoint.GET_BATCH;
            case "POST batches/*:cancel" -> Endpoint.CANCEL_BATCH;
            default -> null;
        };
        return Optional.ofNullable(endpoint)
                .map(found -> new Route(found, parts.group(2) == null ? "" : parts.group(2)));
    }

    /** Whether a request is in this form, and not in the OpenAI form beside it. */
    static boolean isOwn(String path) {
        return path.startsWith(UPLOADS) || PATH.matcher(path).matches();
    }

    /** The name of an announced file. */
    static String announced(Exchange exchange, JsonNode body) {
        header(exchange, "x-goog-upload-protocol", "resumable");
        header(exchange, "x-goog-upload-command", "start");
        return body.path("file").path("displayName").asText("");
    }

    static void header(Exchange exchange, String name, String value) {
        if (!value.equals(exchange.request().getHeader(name))) {
            exchange.violations().accept("the header " + name + " is not " + value);
            throw new ApiException(ApiError.invalid("Upload request has an invalid " + name + "."));
        }
    }

    static String uploadUrl(Exchange exchange, String id) {
        return "http://" + exchange.request().authority() + UPLOADS + "?" + UPLOAD_ID + "=" + id
                + "&upload_protocol=resumable";
    }

    static ObjectNode file(StoredFile file) {
        return Reply.JSON
                .createObjectNode()
                .put("name", "files/" + file.id())
                .put("displayName", file.filename())
                .put("mimeType", "application/jsonl")
                .put("sizeBytes", Long.toString(file.content().length()))
                .put("createTime", file.createdAt().toString())
                .put("expirationTime", file.expiresAt().toString())
                .put("state", "ACTIVE")
                .put("source", file.purpose().equals(StoredFile.BATCH) ? "UPLOADED" : "GENERATED");
    }

    /** It does not tell a file that is gone from one of others. */
    static ApiException missing(String id) {
        return new ApiException(ApiError.forbidden(
                "You do not have permission to access the File " + id + " or it may not exist.", null));
    }

    /** What OpenAI is asked for the same. */
    static ObjectNode order(Exchange exchange, JsonNode order) {
        JsonNode batch = order.path("batch");
        String file = batch.path("inputConfig").path("fileName").asText("");
        if (order.size() != 1 || !batch.path("displayName").isTextual() || !file.startsWith("files/")) {
            exchange.violations()
                    .accept("the batch has no displayName, or no inputConfig.fileName, or more than those");
            throw new ApiException(ApiError.invalid("Invalid JSON payload received."));
        }
        ObjectNode translated = Reply.JSON
                .createObjectNode()
                .put("input_file_id", file.substring("files/".length()))
                .put("endpoint", "/v1/embeddings")
                .put("completion_window", "24h");
        translated
                .putObject("metadata")
                .put("displayName", batch.path("displayName").asText());
        return translated;
    }

    static ObjectNode operation(ObjectNode batch) {
        String status = batch.path("status").asText();
        JsonNode counts = batch.path("request_counts");
        long done = counts.path("completed").asLong() + counts.path("failed").asLong();
        ObjectNode operation = Reply.JSON.createObjectNode();
        String name = "batches/" + batch.path("id").asText();
        ObjectNode metadata = operation.put("name", name).putObject("metadata");
        metadata.put("@type", "type.googleapis.com/google.ai.generativelanguage.v1main.EmbedContentBatch")
                .put("name", name)
                .put("model", "models/" + batch.path("model").asText())
                .put(
                        "createTime",
                        Instant.ofEpochSecond(batch.path("created_at").asLong()).toString())
                .put("state", "BATCH_STATE_" + STATES.getOrDefault(status, status));
        metadata.set("displayName", batch.path("metadata").path("displayName"));
        metadata.putObject("inputConfig")
                .put("fileName", "files/" + batch.path("input_file_id").asText());
        // As Google writes long numbers.
        metadata.putObject("batchStats")
                .put("requestCount", counts.path("total").asText())
                .put("successfulRequestCount", counts.path("completed").asText())
                .put("failedRequestCount", counts.path("failed").asText())
                .put("pendingRequestCount", Long.toString(counts.path("total").asLong() - done));
        switch (status) {
            case "completed" -> {
                operation.put("done", true);
                results(batch, metadata.putObject("output"));
                results(batch, operation.putObject("response"));
            }
            case "cancelled" -> {
                operation.put("done", true);
                results(batch, metadata.putObject("output"));
                operation.putObject("error").put("code", 1).put("message", "The operation was cancelled.");
            }
            case "expired" ->
                operation.put("done", true).putObject("error").put("code", 4).put("message", "The batch has expired.");
            case "failed" ->
                operation
                        .put("done", true)
                        .putObject("error")
                        .put("code", 3)
                        .put(
                                "message",
                                batch.path("errors")
                                        .path("data")
                                        .path(0)
                                        .path("message")
                                        .asText());
            default -> {
                // Not done, and without a result.
            }
        }
        return operation;
    }

    private static void results(ObjectNode batch, ObjectNode output) {
        if (batch.path("output_file_id").isTextual()) {
            output.put("responsesFile", "files/" + batch.path("output_file_id").asText());
        }
    }

    /** Its lists go on behind a token, and have a name of their own. */
    static ObjectNode page(Exchange exchange, List<ObjectNode> all) {
        exchange.request().params().names().stream()
                .filter(name -> !PAGE.contains(name))
                .forEach(name ->
                        exchange.violations().accept("the list is asked for with the unknown parameter " + name));
        int size = Math.min(LARGEST_PAGE, Integer.parseInt(exchange.request().getParam("pageSize", "10")));
        int from = Integer.parseInt(exchange.request().getParam("pageToken", "0"));
        int to = Math.min(all.size(), from + size);
        ObjectNode page = Reply.JSON.createObjectNode();
        if (from < to) {
            ArrayNode items =
                    page.putArray(exchange.route().endpoint() == Endpoint.LIST_FILES ? "files" : "operations");
            items.addAll(all.subList(from, to));
        }
        return to < all.size() ? page.put("nextPageToken", Integer.toString(to)) : page;
    }
}
