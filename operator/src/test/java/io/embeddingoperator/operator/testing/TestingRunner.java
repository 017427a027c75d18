package io.embeddingoperator.operator.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.operator.desired.RunnerPod;
import io.embeddingoperator.operator.observe.RunnerEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A runner pod as the network sees it: answers on a port of its own, well or badly. */
public final class TestingRunner implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService answering = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger requests = new AtomicInteger();

    private TestingRunner(Answer answer) {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), "/progress", answer);
    }

    private TestingRunner(InetSocketAddress address, String path, Answer answer) {
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(answering);
        server.createContext(path, exchange -> {
            requests.incrementAndGet();
            try (exchange) {
                answer.to(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    public static TestingRunner answering(Progress progress) {
        return answering(200, TerminationMessage.write(progress));
    }

    public static TestingRunner answering(int status, String body) {
        return new TestingRunner(exchange -> answer(exchange, status, body));
    }

    /** On the port of a runner's container, at an address of this machine that no other test has. */
    public static TestingRunner ofAPod(Supplier<Progress> progress) {
        return ofAPod("/progress", () -> TerminationMessage.write(progress.get()));
    }

    /** The same of an endpoint's pod, which says that it answers with a model. */
    public static TestingRunner ofAnEndpoint(String model) {
        return ofAPod("/v1/models", () -> """
                {"object": "list", "data": [{"id": "%s", "object": "model", "dimensions": 384, "fingerprint": "6fd5"}]}
                """.formatted(model));
    }

    private static TestingRunner ofAPod(String path, Supplier<String> body) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        String address =
                "127.%d.%d.%d".formatted(random.nextInt(1, 250), random.nextInt(1, 250), random.nextInt(1, 250));
        return new TestingRunner(
                new InetSocketAddress(address, RunnerPod.HTTP_PORT),
                path,
                exchange -> answer(exchange, 200, body.get()));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Takes the request and never says a word. */
    public static TestingRunner silent() {
        return new TestingRunner(_ -> Thread.sleep(60_000));
    }

    /** Sends its headers at once, and then a byte now and then, for ever. */
    public static TestingRunner dripping() {
        return new TestingRunner(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                Thread.sleep(20);
            }
        });
    }

    public RunnerEndpoint endpoint(String pod, int shard) {
        URI address = URI.create(
                "http://127.0.0.1:%d/progress".formatted(server.getAddress().getPort()));
        return new RunnerEndpoint(pod, address, "search/wiki", 1, shard);
    }

    public String address() {
        return server.getAddress().getAddress().getHostAddress();
    }

    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
        answering.shutdownNow();
    }

    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }
}
