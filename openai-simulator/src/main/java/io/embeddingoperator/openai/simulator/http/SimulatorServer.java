package io.embeddingoperator.openai.simulator.http;

import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Planned;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves HTTP/1.1 and HTTP/2 without TLS. Each request has a virtual thread of its own. */
public final class SimulatorServer implements AutoCloseable {
    private static final String ADMIN = "/simulator/";

    private final Simulation simulation;
    private final EmbeddingsEndpoint embeddings;
    private final AdminEndpoint admin;
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    public SimulatorServer(Simulation simulation) {
        this.simulation = simulation;
        this.embeddings = new EmbeddingsEndpoint(simulation);
        this.admin = new AdminEndpoint(simulation);
        HttpServerOptions options = new HttpServerOptions()
                .setHost("127.0.0.1")
                .setPort(simulation.settings().port());
        this.server = vertx.createHttpServer(options)
                .requestHandler(this::receive)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        simulation.faults().clear();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        threads.shutdownNow();
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> threads.execute(() -> handle(request, body.getBytes())));
    }

    private void handle(HttpServerRequest request, byte[] body) {
        if (request.path().startsWith(ADMIN)) {
            Transport.send(request, admin.answer(request, body), new Planned(List.of(), List.of(), List.of()));
            return;
        }
        String id = Ids.request();
        Optional<Route> route =
                Route.of(simulation.settings().profile(), request.method().name(), request.path());
        if (route.isEmpty()) {
            Transport.send(
                    request,
                    unknown(request).with(Map.of("x-request-id", id)),
                    new Planned(List.of(), List.of(), List.of()));
            return;
        }
        Endpoint endpoint = route.get().endpoint();
        String text = endpoint == Endpoint.EMBEDDINGS ? new String(body, StandardCharsets.UTF_8) : "";
        Planned planned = simulation.faults().plan(endpoint, id, text::contains);
        Exchange exchange = new Exchange(request, id, route.get(), body, planned, simulation.violations());
        planned.holdBefore();
        List<Fault.Reset> resets = planned.of(Fault.Reset.class);
        if (resets.stream().anyMatch(reset -> !reset.executed())) {
            simulation.statuses().count(endpoint, 0);
            Transport.reset(request);
            return;
        }
        Reply reply = reply(exchange);
        planned.holdAfter();
        simulation.statuses().count(endpoint, resets.isEmpty() ? reply.status() : 0);
        if (!resets.isEmpty()) {
            Transport.reset(request);
            return;
        }
        if (Transport.send(request, reply.with(headers(id)), planned)) {
            simulation.ledger().sent(id);
        } else {
            simulation.ledger().lost(id);
        }
    }

    private Reply reply(Exchange exchange) {
        try {
            return answer(exchange);
        } catch (ApiException e) {
            return Refusals.reply(e.error(), simulation.settings().profile());
        } catch (IOException e) {
            throw new UncheckedIOException("the simulator cannot answer " + exchange.route(), e);
        }
    }

    private Reply answer(Exchange exchange) throws IOException {
        return embeddings.answer(exchange);
    }

    private Reply unknown(HttpServerRequest request) {
        return Refusals.reply(
                ApiError.notFound("Invalid URL (" + request.method() + " " + request.path() + ")", null, null),
                simulation.settings().profile());
    }

    private static Map<String, String> headers(String id) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-request-id", id);
        headers.put("openai-processing-ms", "1");
        return headers;
    }
}
