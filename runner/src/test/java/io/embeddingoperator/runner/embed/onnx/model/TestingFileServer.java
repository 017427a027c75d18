package io.embeddingoperator.runner.embed.onnx.model;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server with files, ranges and entity tags, that breaks off or refuses when it is told to. */
public final class TestingFileServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> redirects = new ConcurrentHashMap<>();
    private final Map<String, Map.Entry<String, String>> headers = new ConcurrentHashMap<>();
    private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
    private volatile String withoutEnd;
    private volatile int refusals;
    private volatile int refusalStatus;
    private volatile String refusalCode = "";
    private volatile int breakAfter = Integer.MAX_VALUE;
    private volatile int breakEvery = Integer.MAX_VALUE;
    private volatile boolean stall;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String version = "\"1\"";

    public TestingFileServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void put(String path, byte[] content) {
        files.put(path, content);
    }

    void redirect(String path, String location) {
        redirects.put(path, location);
    }

    /** That path is answered until the client hangs up, with no length announced. */
    void sendWithoutEnd(String path) {
        withoutEnd = path;
    }

    /** The entity tag of every file. */
    void setVersion(String version) {
        this.version = version;
    }

    public void refuse(int times, int status) {
        refuse(times, status, "");
    }

    /** The hub says in a code of its own why. */
    void refuse(int times, int status, String code) {
        refusals = times;
        refusalStatus = status;
        refusalCode = code;
    }

    /** A header of every answer to a path. */
    void header(String path, String name, String value) {
        headers.put(path, Map.entry(name, value));
    }

    /** What the requests so far were authorised by. */
    List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    /** The next answer ends after so many bytes, without having sent what it announced. */
    void breakOffAfter(int bytes) {
        breakAfter = bytes;
    }

    /** Every answer from now on ends after so many bytes. */
    void breakOffEvery(int bytes) {
        breakEvery = bytes;
        breakAfter = bytes;
    }

    /** The next answer sends so many bytes and then nothing more, without ending. */
    void stallAfter(int bytes) {
        breakAfter = bytes;
        stall = true;
    }

    /** Path, range and If-Range of every request so far. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String range = exchange.getRequestHeaders().getFirst("Range");
            String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            if (headers.containsKey(path)) {
                exchange.getResponseHeaders()
                        .set(headers.get(path).getKey(), headers.get(path).getValue());
            }
            requests.add("%s %s %s".formatted(path, range, ifRange));
            if (refusals > 0) {
                refusals--;
                exchange.getResponseHeaders().set("X-Error-Code", refusalCode);
                exchange.sendResponseHeaders(refusalStatus, -1);
                return;
            }
            if (redirects.containsKey(path)) {
                exchange.getResponseHeaders().set("Location", redirects.get(path));
                exchange.sendResponseHeaders(302, -1);
                return;
            }
            if (path.equals(withoutEnd)) {
                exchange.sendResponseHeaders(200, 0);
                byte[] block = new byte[1 << 20];
                while (true) {
                    exchange.getResponseBody().write(block);
                }
            }
            byte[] content = files.get(path);
            if (content == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("ETag", version);
            int start = range != null && (ifRange == null || ifRange.equals(version))
                    ? Integer.parseInt(range.replaceAll("\\D", ""))
                    : 0;
            if (start > 0 && start >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            if (start > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
            }
            exchange.sendResponseHeaders(start > 0 ? 206 : 200, content.length - start);
            int length = Math.min(content.length - start, breakAfter);
            breakAfter = breakEvery;
            exchange.getResponseBody().write(content, start, length);
            exchange.getResponseBody().flush();
            if (stall) {
                stall = false;
                closed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.close();
    }
}
