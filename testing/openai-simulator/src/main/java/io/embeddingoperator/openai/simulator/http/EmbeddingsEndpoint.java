package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.embeddingoperator.openai.simulator.Profile;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingReply;
import io.embeddingoperator.openai.simulator.embedding.EmbeddingRequest;
import io.embeddingoperator.openai.simulator.embedding.RequestParser;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.limit.Admission;
import io.embeddingoperator.openai.simulator.limit.RateLimiter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** POST /v1/embeddings, and what Azure and others have in its place. */
final class EmbeddingsEndpoint {
    private final Simulation simulation;
    private final Profile profile;
    private final RequestParser parser;

    EmbeddingsEndpoint(Simulation simulation) {
        this.simulation = simulation;
        this.profile = simulation.settings().profile();
        this.parser = new RequestParser(profile, simulation.settings().models());
    }

    Reply answer(Exchange exchange) throws IOException {
        Account account = simulation.account(exchange.request());
        if (exchange.body().length > profile.maxBodyBytes()) {
            exchange.violations()
                    .accept("the body has " + exchange.body().length + " bytes, more than " + profile.maxBodyBytes());
            throw new ApiException(new ApiError(
                    413, "Failed to buffer the request body: length limit exceeded", "validation", null, null));
        }
        JsonNode body = body(exchange);
        Optional<Fault.Refusal> refusal = exchange.planned().refusal();
        // Only what reaches the model has passed the limiter.
        if (refusal.isPresent() && !(refusal.get() instanceof Fault.ServerError)) {
            return Refusals.reply(
                    refusal.get(), profile, () -> limiter(account, body).quota(simulation.now()));
        }
        EmbeddingRequest request;
        try {
            request = parser.parse(body, account, exchange.violations());
        } catch (ApiException e) {
            // Failed requests count.
            Map<String, String> headers = e.error().status() == 400
                    ? limiter(account, body)
                            .admit(simulation.now(), account.project(), 0)
                            .quota()
                            .headers(profile.headers())
                    : Map.of();
            return Refusals.reply(e.error(), profile).with(headers);
        }
        RateLimiter limiter =
                simulation.limiter(account.organization(), request.model().name());
        Admission admission = limiter.admit(simulation.now(), account.project(), request.tokens());
        Map<String, String> headers = admission.quota().headers(profile.headers());
        if (admission instanceof Admission.Refused refused) {
            return Refusals.reply(refused, profile, request.model().name()).with(headers);
        }
        if (refusal.isPresent()) {
            return Refusals.reply(refusal.get(), profile, () -> admission.quota());
        }
        work(exchange, request);
        return embedded(exchange, account, request).with(headers);
    }

    private void work(Exchange exchange, EmbeddingRequest request) {
        long slow = exchange.planned().of(Fault.SlowTexts.class).stream()
                .mapToLong(Fault.SlowTexts::milliseconds)
                .sum();
        try {
            Thread.sleep(simulation
                    .settings()
                    .latency()
                    .plusMillis(slow * request.inputs().size()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the simulator is closed", e);
        }
    }

    private JsonNode body(Exchange exchange) {
        String contentType = exchange.request().getHeader("content-type");
        if (contentType == null || !contentType.startsWith("application/json")) {
            exchange.violations().accept("the content type is " + contentType + ", not application/json");
            throw new ApiException(ApiError.invalid("you must provide a model parameter"));
        }
        JsonNode body;
        try {
            body = Reply.JSON.readTree(exchange.body());
        } catch (IOException e) {
            exchange.violations().accept("the body is no JSON: " + e.getMessage());
            throw new ApiException(
                    ApiError.invalid("We could not parse the JSON body of your request. (HINT: This likely"
                            + " means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what"
                            + " was sent was not valid JSON.)"));
        }
        String deployment = exchange.route().name();
        if (!deployment.isEmpty() && body instanceof ObjectNode fields) {
            if (exchange.request().getParam("api-version") == null) {
                exchange.violations().accept("the request to a deployment has no api-version");
                throw new ApiException(new ApiError(404, "Resource not found", null, null, "404"));
            }
            // A deployment is the model, not what the body says.
            fields.put("model", deployment);
        }
        return body;
    }

    private RateLimiter limiter(Account account, JsonNode body) {
        return simulation.limiter(account.organization(), body.path("model").asText());
    }

    private Reply embedded(Exchange exchange, Account account, EmbeddingRequest request) throws IOException {
        EmbeddingReply reply = EmbeddingReply.to(request, exchange.planned().spoil());
        // Written at once: what a reply of 2048 vectors takes is little, and its length is then exact.
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(reply.length()));
        reply.writeTo(bytes);
        simulation
                .ledger()
                .bill(
                        exchange.id(),
                        account,
                        request.model(),
                        reply.hashes(),
                        request.tokens(),
                        exchange.planned().delivers(),
                        simulation.now());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("openai-organization", account.organization());
        headers.put("openai-model", request.model().name());
        headers.put("openai-version", "2020-10-01");
        return Reply.of(200, "application/json", Reply.Body.of(bytes.toByteArray()))
                .with(headers);
    }
}
