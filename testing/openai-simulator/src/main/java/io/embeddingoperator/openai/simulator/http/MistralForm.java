package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Mistral's jobs, as another wording of OpenAI's batches. */
final class MistralForm {
    private static final String JOBS = "/v1/batch/jobs";
    private static final Set<String> ORDER = Set.of("input_files", "endpoint", "model", "metadata", "timeout_hours");
    private static final Set<String> PAGE = Set.of("page", "page_size", "purpose");
    private static final Map<String, String> STATUSES = Map.of(
            "validating", "QUEUED",
            "in_progress", "RUNNING",
            "finalizing", "RUNNING",
            "completed", "SUCCESS",
            "failed", "FAILED",
            "expired", "TIMEOUT_EXCEEDED",
            "cancelling", "CANCELLATION_REQUESTED",
            "cancelled", "CANCELLED");

    private MistralForm() {}

    /** Where OpenAI has the same. */
    static String path(String path) {
        return path.startsWith(JOBS) ? "/v1/batches" + path.substring(JOBS.length()) : path;
    }

    /** What OpenAI is asked for the same. */
    static ObjectNode order(Exchange exchange, JsonNode order) {
        order.fieldNames().forEachRemaining(name -> {
            if (!ORDER.contains(name)) {
                exchange.violations().accept("the job has the unknown property " + name);
                throw new ApiException(ApiError.invalid("Extra inputs are not permitted", name, null));
            }
        });
        ObjectNode translated = Reply.JSON.createObjectNode();
        translated.set("input_file_id", order.path("input_files").path(0));
        translated.set("endpoint", order.get("endpoint"));
        translated.set("metadata", order.get("metadata"));
        return translated.put("completion_window", "24h");
    }

    static ObjectNode job(ObjectNode batch) {
        JsonNode counts = batch.path("request_counts");
        ObjectNode job = Reply.JSON.createObjectNode();
        job.set("id", batch.get("id"));
        job.put("object", "batch").putArray("input_files").add(batch.get("input_file_id"));
        job.set("metadata", batch.get("metadata"));
        job.set("endpoint", batch.get("endpoint"));
        job.set("model", batch.get("model"));
        job.set("output_file", batch.get("output_file_id"));
        job.set("error_file", batch.get("error_file_id"));
        ArrayNode errors = job.putArray("errors");
        batch.path("errors")
                .path("data")
                .forEach(error -> errors.addObject()
                        .put("message", error.path("message").asText())
                        .put("count", 1));
        String status = batch.path("status").asText();
        job.put("status", STATUSES.getOrDefault(status, status));
        job.set("created_at", batch.get("created_at"));
        job.set("total_requests", counts.path("total"));
        job.set("succeeded_requests", counts.path("completed"));
        job.set("failed_requests", counts.path("failed"));
        return job.put(
                "completed_requests",
                counts.path("completed").asInt() + counts.path("failed").asInt());
    }

    /** Its lists have numbered pages and tell how much there is. */
    static ObjectNode page(Exchange exchange, List<ObjectNode> all) {
        exchange.request().params().names().stream()
                .filter(name -> !PAGE.contains(name))
                .forEach(name ->
                        exchange.violations().accept("the list is asked for with the unknown parameter " + name));
        int number = Integer.parseInt(exchange.request().getParam("page", "0"));
        int size = Integer.parseInt(exchange.request().getParam("page_size", "100"));
        int from = Math.min(all.size(), number * size);
        ObjectNode page = Reply.JSON.createObjectNode().put("object", "list").put("total", all.size());
        page.putArray("data").addAll(all.subList(from, Math.min(all.size(), from + size)));
        return page;
    }
}
