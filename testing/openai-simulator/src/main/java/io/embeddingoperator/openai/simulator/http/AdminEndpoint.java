package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.QueueLimits;
import io.embeddingoperator.openai.simulator.batch.Batches;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.ledger.Bill;
import io.embeddingoperator.openai.simulator.ledger.Ledger;
import io.embeddingoperator.openai.simulator.limit.Limit;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** What a person with curl, or a test in another process, sees and changes: {@code /simulator/…}. */
final class AdminEndpoint {
    private final Simulation simulation;

    AdminEndpoint(Simulation simulation) {
        this.simulation = simulation;
    }

    Reply answer(HttpServerRequest request, byte[] body) {
        try {
            return switch (request.method().name() + " " + request.path()) {
                case "GET /simulator/ledger" -> Reply.json(200, ledger());
                case "GET /simulator/violations" ->
                    Reply.json(
                            200, Reply.JSON.valueToTree(simulation.violations().all()));
                case "GET /simulator/batches" -> Reply.json(200, batches());
                case "GET /simulator/files" -> Reply.json(200, files());
                case "GET /simulator/statuses" ->
                    Reply.json(200, Reply.JSON.valueToTree(simulation.statuses().all()));
                case "POST /simulator/faults" -> schedule(Reply.JSON.readTree(body));
                case "DELETE /simulator/faults" -> {
                    simulation.faults().clear();
                    yield done();
                }
                case "GET /simulator/clock" -> Reply.json(200, clock());
                case "POST /simulator/clock" -> setClock(Reply.JSON.readTree(body));
                case "POST /simulator/keys" -> rotate(Reply.JSON.readTree(body));
                case "POST /simulator/limits" -> setLimits(Reply.JSON.readTree(body));
                default -> Reply.text(404, "text/plain", "no such page of the simulator: " + request.path() + "\n");
            };
        } catch (IOException | RuntimeException e) {
            return Reply.text(400, "text/plain", e.getMessage() + "\n");
        }
    }

    private ArrayNode batches() {
        ArrayNode page = Reply.JSON.createArrayNode();
        for (Batches.Standing batch : simulation.batches().all(simulation.now())) {
            page.addObject()
                    .put("id", batch.id())
                    .put("state", batch.state().status())
                    .put("input_file_id", batch.inputFileId())
                    .set("metadata", batch.metadata().orElse(null));
        }
        return page;
    }

    private ArrayNode files() {
        ArrayNode page = Reply.JSON.createArrayNode();
        simulation.batches().pass(simulation.now());
        simulation.files().all(simulation.now()).forEach(file -> page.add(file.json()));
        return page;
    }

    private ObjectNode ledger() {
        simulation.batches().pass(simulation.now());
        Ledger ledger = simulation.ledger();
        ObjectNode page = Reply.JSON.createObjectNode();
        page.put("tokens", ledger.tokens());
        page.put("costUsd", ledger.costUsd().toPlainString());
        page.put("lostUsd", ledger.lostUsd().toPlainString());
        page.put("texts", ledger.texts());
        page.put("textsBilledTwice", ledger.textsBilledTwice());
        page.put("textsDeliveredTwice", ledger.textsDeliveredTwice());
        ArrayNode bills = page.putArray("bills");
        for (Bill bill : ledger.bills()) {
            bills.addObject()
                    .put("id", bill.id())
                    .put("organization", bill.organization())
                    .put("model", bill.model())
                    .put("inputs", bill.inputs())
                    .put("tokens", bill.tokens())
                    .put("costUsd", bill.costUsd().toPlainString())
                    .put("at", bill.at().toString())
                    .put("delivered", bill.delivered());
        }
        return page;
    }

    /** {@code {"endpoint":"EMBEDDINGS","from":1,"to":3,"fault":{"kind":"ServerError",…}}}, or with probability and seed. */
    private Reply schedule(JsonNode body) throws IOException {
        Endpoint endpoint = Endpoint.valueOf(body.path("endpoint").asText());
        Fault fault = Reply.JSON.treeToValue(body.path("fault"), Fault.class);
        if (body.has("probability")) {
            simulation
                    .faults()
                    .withProbability(
                            endpoint,
                            body.path("probability").asDouble(),
                            body.path("seed").asLong(),
                            fault);
        } else {
            long from = body.path("from").asLong(1);
            simulation.faults().onRequests(endpoint, from, body.path("to").asLong(from), fault);
        }
        return done();
    }

    private ObjectNode clock() {
        return Reply.JSON
                .createObjectNode()
                .put("now", simulation.now().toString())
                .put("speed", simulation.settings().clock().speed());
    }

    /** {@code {"now":"2026-…Z"}}, {@code {"advanceSeconds":3600}} and {@code {"speed":60}}. */
    private Reply setClock(JsonNode body) {
        if (body.has("now")) {
            simulation.settings().clock().set(Instant.parse(body.path("now").asText()));
        }
        if (body.has("advanceSeconds")) {
            simulation
                    .settings()
                    .clock()
                    .advance(Duration.ofSeconds(body.path("advanceSeconds").asLong()));
        }
        if (body.has("speed")) {
            simulation.settings().clock().speed(body.path("speed").asDouble());
        }
        return Reply.json(200, clock());
    }

    /** {@code {"from":"sk-…","to":"sk-…"}}. */
    private Reply rotate(JsonNode body) {
        simulation.rotate(body.path("from").asText(), body.path("to").asText());
        return done();
    }

    /**
     * {@code {"requestsPerMinute":…,"tokensPerMinute":…}} or {@code {"times":0.5}}, and of batches
     * {@code {"enqueuedTokens":0,"enqueuedRequests":…}}.
     */
    private Reply setLimits(JsonNode body) {
        ModelLimits limits = simulation.limits();
        if (body.has("requestsPerMinute")) {
            limits = limits.withRequests(
                    Limit.perMinute(body.path("requestsPerMinute").asLong()));
        }
        if (body.has("tokensPerMinute")) {
            limits = limits.withTokens(
                    Limit.perMinute(body.path("tokensPerMinute").asLong()));
        }
        if (body.has("times")) {
            limits = limits.times(body.path("times").asDouble());
        }
        simulation.limit(limits);
        QueueLimits queue = simulation.batches().queue();
        simulation
                .batches()
                .limit(new QueueLimits(
                        body.path("enqueuedTokens").asLong(queue.tokens()),
                        body.path("enqueuedRequests").asLong(queue.requests())));
        return done();
    }

    private static Reply done() {
        return Reply.json(200, Reply.JSON.createObjectNode().put("done", true));
    }
}
