package io.embeddingoperator.openai.simulator.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.openai.simulator.error.ApiError;
import io.embeddingoperator.openai.simulator.error.ApiException;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.openai.simulator.fault.Fault;
import io.embeddingoperator.openai.simulator.fault.Planned;
import io.embeddingoperator.openai.simulator.fault.RetryAfter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** Serves HTTP/1.1 and HTTP/2 without TLS. Each request has a virtual thread of its own. */
public final class SimulatorServer implements AutoCloseable {
    private static final String ADMIN = "/simulator/";

    private final Simulation simulation;
    private final EmbeddingsEndpoint embeddings;
    private final ModelsEndpoint models;
    private final FilesEndpoint files;
    private final BatchesEndpoint batches;
    private final AdminEndpoint admin;
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    public SimulatorServer(Simulation simulation) {
        this.simulation = simulation;
        this.embeddings = new EmbeddingsEndpoint(simulation);
        this.models = new ModelsEndpoint(simulation);
        this.files = new FilesEndpoint(simulation);
        this.batches = new BatchesEndpoint(simulation);
        this.admin = new AdminEndpoint(simulation);
        HttpServerOptions options = new HttpServerOptions()
                .setHost(simulation.settings().address())
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
        // Interrupted first: a reply that drips slowly would drip on. A closed connection frees a thread that still
        // writes.
        threads.shutdownNow();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        simulation.batches().close();
    }

    private void receive(HttpServerRequest request) {
        String contentType = request.getHeader("content-type");
        if (contentType != null && contentType.startsWith("multipart/form-data")) {
            receiveForm(request);
        } else {
            request.body().onSuccess(body -> threads.execute(() -> handle(request, body.getBytes(), Optional.empty())));
        }
    }

    /** Its file goes to disk as it comes. */
    private void receiveForm(HttpServerRequest request) {
        Path path = simulation.folder().resolve("upload-" + UUID.randomUUID());
        List<Future<Void>> written = new ArrayList<>();
        AtomicReference<String> filename = new AtomicReference<>();
        request.setExpectMultipart(true);
        request.uploadHandler(part -> {
            if (part.name().equals("file") && filename.compareAndSet(null, part.filename())) {
                written.add(part.streamToFileSystem(path.toString()));
            }
        });
        request.end().compose(_ -> Future.all(written)).onSuccess(_ -> {
            Map<String, String> fields = new HashMap<>();
            request.formAttributes().forEach(fields::put);
            Optional<Path> file = Optional.ofNullable(filename.get()).map(_ -> path);
            Upload upload = new Upload(fields, file, Objects.requireNonNullElse(filename.get(), ""));
            threads.execute(() -> handle(request, new byte[0], Optional.of(upload)));
        });
    }

    private void handle(HttpServerRequest request, byte[] body, Optional<Upload> upload) {
        if (request.path().startsWith(ADMIN)) {
            Transport.send(request, admin.answer(request, body), new Planned(List.of(), List.of(), List.of()));
            return;
        }
        String id = Ids.request();
        Optional<Route> route =
                Route.of(simulation.settings().profile(), request.method().name(), request.path(), request.query());
        if (route.isEmpty()) {
            Transport.send(
                    request,
                    unknown(request).with(Map.of("x-request-id", id)),
                    new Planned(List.of(), List.of(), List.of()));
            return;
        }
        Endpoint endpoint = route.get().endpoint();
        Planned planned =
                simulation.faults().plan(endpoint, id, endpoint == Endpoint.EMBEDDINGS ? texts(body) : List.of());
        Exchange exchange = new Exchange(request, id, route.get(), body, upload, planned, simulation.violations());
        planned.holdBefore();
        List<Fault.Reset> resets = planned.of(Fault.Reset.class);
        if (resets.stream().anyMatch(reset -> !reset.executed())) {
            simulation.statuses().count(endpoint, 0);
            Transport.reset(request);
            return;
        }
        Reply reply = afterwards(reply(exchange), planned);
        planned.holdAfter();
        boolean goesAway = !planned.of(Fault.GoAway.class).isEmpty();
        simulation.statuses().count(endpoint, resets.isEmpty() && !goesAway ? reply.status() : 0);
        if (!resets.isEmpty()) {
            Transport.reset(request);
        } else if (goesAway) {
            Transport.goAway(request);
        } else if (Transport.send(request, reply.with(headers(id)), planned)) {
            simulation.ledger().sent(id);
        } else {
            simulation.ledger().lost(id);
        }
    }

    /** Nothing where the body is not what it should be, which is told when it is read in earnest. */
    private static List<String> texts(byte[] body) {
        try {
            List<String> texts = new ArrayList<>();
            JsonNode input = Reply.JSON.readTree(body).path("input");
            if (input.isTextual()) {
                texts.add(input.textValue());
            }
            input.forEach(text -> texts.add(text.asText()));
            return texts;
        } catch (IOException _) {
            return List.of();
        }
    }

    private Reply afterwards(Reply reply, Planned planned) {
        return planned.of(Fault.FailsAfterwards.class).stream()
                .findFirst()
                .map(fails -> Refusals.reply(
                        new Fault.ServerError(fails.status(), Fault.ServerError.Page.JSON, new RetryAfter.None()),
                        simulation.settings().profile(),
                        () -> simulation.limiter("", "").quota(simulation.now())))
                .orElse(reply);
    }

    private Reply reply(Exchange exchange) {
        try {
            return answer(exchange);
        } catch (ApiException e) {
            return Refusals.reply(e.error(), simulation.settings().profile());
        } catch (IOException | RuntimeException e) {
            // A client must not wait for a mistake of the simulator's, nor take it for one of OpenAI's.
            exchange.violations().accept("the simulator itself failed: " + e);
            return Reply.text(500, "text/plain", "the simulator itself failed: " + e);
        }
    }

    private Reply answer(Exchange exchange) throws IOException {
        Endpoint endpoint = exchange.route().endpoint();
        if (endpoint != Endpoint.EMBEDDINGS && exchange.planned().refusal().isPresent()) {
            return Refusals.reply(
                    exchange.planned().refusal().get(),
                    simulation.settings().profile(),
                    () -> simulation.limiter("", "").quota(simulation.now()));
        }
        return switch (endpoint) {
            case EMBEDDINGS -> embeddings.answer(exchange);
            case LIST_MODELS -> models.list(exchange);
            case BEGIN_UPLOAD -> files.begin(exchange);
            case UPLOAD_FILE -> files.upload(exchange);
            case LIST_FILES -> files.list(exchange);
            case GET_FILE -> files.get(exchange);
            case DELETE_FILE -> files.delete(exchange);
            case FILE_CONTENT -> files.content(exchange);
            case CREATE_BATCH -> batches.create(exchange);
            case LIST_BATCHES -> batches.list(exchange);
            case GET_BATCH -> batches.get(exchange);
            case CANCEL_BATCH -> batches.cancel(exchange);
        };
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
