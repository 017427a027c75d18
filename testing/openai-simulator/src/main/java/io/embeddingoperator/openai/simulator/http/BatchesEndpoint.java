package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.BatchFault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The endpoints under /v1/batches. */
final class BatchesEndpoint {
    private static final Set<String> PROPERTIES =
            Set.of("input_file_id", "endpoint", "completion_window", "metadata", "output_expires_after");
    private static final int MOST_CREATED_AN_HOUR = 2_000;
    private static final int USUAL_PAGE = 20;
    private static final int LARGEST_PAGE = 100;
    private static final int MOST_METADATA = 16;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_VALUE = 512;

    private final Simulation simulation;
    private final Map<String, Deque<Instant>> created = new HashMap<>();

    BatchesEndpoint(Simulation simulation) {
        this.simulation = simulation;
    }

    Reply create(Exchange exchange) throws IOException {
        Account account = simulation.account(exchange.request());
        JsonNode body = body(exchange);
        Instant now = simulation.now();
        if (!mayCreate(account, now)) {
            return Refusals.reply(
                    new ApiError(
                            429,
                            "Rate limit reached: no more than " + MOST_CREATED_AN_HOUR
                                    + " batches can be created an hour.",
                            "requests",
                            null,
                            "rate_limit_exceeded"),
                    simulation.settings().profile());
        }
        String endpoint = AzureForm.endpoint(simulation.settings().profile(), exchange.request());
        Batches.Order order = new Batches.Order(
                text(exchange, body, "input_file_id"),
                switch (simulation.settings().profile()) {
                    case MISTRAL -> Batches.BARE_LINES;
                    case GEMINI -> Batches.LINES_FOR + exchange.route().name();
                    case OPENAI,
                            AZURE,
                            TEXT_EMBEDDINGS_INFERENCE,
                            VLLM,
                            VLLM_WITHOUT_BASE64,
                            INFINITY,
                            OLLAMA,
                            LITELLM -> endpoint;
                },
                metadata(exchange, body),
                outputExpiry(exchange, body));
        choice(exchange, body, "endpoint", endpoint);
        choice(exchange, body, "completion_window", "24h");
        refuseMissing(account, order.inputFileId());
        refusePending(exchange, account, order.inputFileId());
        return told(simulation
                .batches()
                .create(
                        Ids.batch(),
                        account,
                        order,
                        exchange.planned().of(BatchFault.class),
                        simulation.faults().ofTexts(),
                        now));
    }

    private Reply told(ObjectNode batch) {
        return Reply.json(200, form(batch));
    }

    private ObjectNode form(ObjectNode batch) {
        return switch (simulation.settings().profile()) {
            case AZURE -> AzureForm.batch(batch);
            case MISTRAL -> MistralForm.job(batch);
            case GEMINI -> GeminiForm.operation(batch);
            case OPENAI, TEXT_EMBEDDINGS_INFERENCE, VLLM, VLLM_WITHOUT_BASE64, INFINITY, OLLAMA, LITELLM -> batch;
        };
    }

    /** Where others find it out when they validate the batch. */
    private void refuseMissing(Account account, String file) {
        if (simulation.settings().profile() == Profile.GEMINI
                && simulation
                        .files()
                        .find(account.organization(), file, simulation.now())
                        .isEmpty()) {
            throw GeminiForm.missing(file);
        }
    }

    private void refusePending(Exchange exchange, Account account, String file) {
        if (simulation
                .files()
                .find(account.organization(), file, simulation.now())
                .filter(simulation::isPending)
                .isPresent()) {
            exchange.violations().accept("the batch is made of a file that is pending");
            throw refused(
                    "The file '" + file + "' is not in a valid state: pending.", "input_file_id", "invalid_request");
        }
    }

    private synchronized boolean mayCreate(Account account, Instant now) {
        Deque<Instant> times = created.computeIfAbsent(account.organization(), _ -> new ArrayDeque<>());
        while (!times.isEmpty() && times.peekFirst().plus(Duration.ofHours(1)).isBefore(now)) {
            times.removeFirst();
        }
        if (times.size() >= MOST_CREATED_AN_HOUR) {
            return false;
        }
        times.addLast(now);
        return true;
    }

    private JsonNode body(Exchange exchange) {
        String contentType = exchange.request().getHeader("content-type");
        JsonNode body = null;
        if (contentType != null && contentType.startsWith("application/json")) {
            try {
                body = Reply.JSON.readTree(exchange.body());
            } catch (IOException _) {
                // Reported below, like what is no object.
            }
        }
        if (body == null || !body.isObject()) {
            exchange.violations().accept("the body is no JSON object");
            throw refused("We could not parse the JSON body of your request.", null, null);
        }
        if (simulation.settings().profile() == Profile.MISTRAL) {
            return MistralForm.order(exchange, body);
        }
        if (simulation.settings().profile() == Profile.GEMINI) {
            return GeminiForm.order(exchange, body);
        }
        body.fieldNames().forEachRemaining(name -> {
            if (!PROPERTIES.contains(name)) {
                exchange.violations().accept("the request has the unknown property " + name);
                throw refused("Unknown parameter: '" + name + "'.", name, "unknown_parameter");
            }
        });
        return body;
    }

    private static String text(Exchange exchange, JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (!value.isTextual()) {
            exchange.violations().accept(name + " is missing or no text");
            throw refused("Missing required parameter: '" + name + "'.", name, "missing_required_parameter");
        }
        return value.textValue();
    }

    private static void choice(Exchange exchange, JsonNode body, String name, String only) {
        String value = text(exchange, body, name);
        if (!value.equals(only)) {
            exchange.violations().accept(name + " is " + value + ", not " + only);
            throw refused(
                    "Invalid value: '" + value + "'. Supported values are: '" + only + "'.", name, "invalid_value");
        }
    }

    private static Optional<JsonNode> metadata(Exchange exchange, JsonNode body) {
        JsonNode metadata = body.path("metadata");
        if (metadata.isMissingNode() || metadata.isNull()) {
            return Optional.empty();
        }
        if (!metadata.isObject() || metadata.size() > MOST_METADATA) {
            exchange.violations().accept("metadata is no object of at most 16 properties");
            throw refused(
                    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object"
                            + " with " + metadata.size() + " properties instead.",
                    "metadata",
                    "object_above_max_properties");
        }
        metadata.forEachEntry((name, value) -> {
            if (name.length() > LONGEST_NAME
                    || !value.isTextual()
                    || value.textValue().length() > LONGEST_VALUE) {
                exchange.violations()
                        .accept("metadata." + name + " is no text of at most 512 characters under a name of 64");
                throw refused("Invalid 'metadata." + name + "'.", "metadata", "invalid_value");
            }
        });
        return Optional.of(metadata);
    }

    private static Optional<Duration> outputExpiry(Exchange exchange, JsonNode body) {
        JsonNode expiry = body.path("output_expires_after");
        if (expiry.isMissingNode() || expiry.isNull()) {
            return Optional.empty();
        }
        if (!expiry.path("anchor").asText().equals("created_at")
                || !expiry.path("seconds").isIntegralNumber()) {
            exchange.violations().accept("output_expires_after needs the anchor created_at and seconds");
            throw refused("Invalid 'output_expires_after'.", "output_expires_after", "invalid_value");
        }
        return Optional.of(Duration.ofSeconds(expiry.path("seconds").longValue()));
    }

    Reply list(Exchange exchange) {
        Account account = simulation.account(exchange.request());
        return Reply.json(
                200,
                simulation.page(
                        exchange,
                        simulation.batches().list(account.organization(), simulation.now()).stream()
                                .map(this::form)
                                .toList(),
                        Set.of(),
                        USUAL_PAGE,
                        LARGEST_PAGE));
    }

    Reply get(Exchange exchange) {
        return told(find(exchange));
    }

    Reply cancel(Exchange exchange) {
        ObjectNode batch = find(exchange);
        Account account = simulation.account(exchange.request());
        return simulation
                .batches()
                .cancel(account.organization(), exchange.route().name(), simulation.now())
                .map(cancelled -> simulation.settings().profile() == Profile.GEMINI
                        ? Reply.json(200, Reply.JSON.createObjectNode())
                        : told(cancelled))
                .orElseGet(() -> Refusals.reply(
                        new ApiError(
                                409,
                                "Cannot cancel a batch with status '"
                                        + batch.path("status").asText() + "'.",
                                "invalid_request_error",
                                null,
                                null),
                        simulation.settings().profile()));
    }

    private ObjectNode find(Exchange exchange) {
        Account account = simulation.account(exchange.request());
        String id = exchange.route().name();
        return simulation
                .batches()
                .find(account.organization(), id, simulation.now())
                .orElseThrow(
                        () -> new ApiException(ApiError.notFound("No batch found with id '" + id + "'.", null, null)));
    }

    private static ApiException refused(String message, @Nullable String param, @Nullable String code) {
        return new ApiException(ApiError.invalid(message, param, code));
    }
}
