package io.embeddingoperator.cluster.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Images as nodes pull them: a registry, by the OCI distribution specification, to which nothing can be pushed. It stands in for every registry
 * that an image's name begins with, and is told in the query for which.
 */
public final class ImageRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PATH = Pattern.compile("/v2/(?<name>.+)/(?<kind>manifests|blobs)/(?<reference>[^/]+)");
    private static final Pattern QUERY = Pattern.compile("(?:.*&)?ns=(?<host>[^&]+).*");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final Path folder;
    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Manifest> tags = new ConcurrentHashMap<>();
    private final Map<String, Manifest> digests = new ConcurrentHashMap<>();

    /** What an image's index says of its manifest. */
    private record Manifest(String digest, String mediaType) {}

    private ImageRegistry(Path folder, HttpServer server) {
        this.folder = folder;
        this.server = server;
    }

    /**
     * Starts to answer at a free port.
     *
     * @param address where, as the nodes can reach it
     * @param folder where the images' parts are unpacked; made if need be
     */
    public static ImageRegistry start(String address, Path folder) {
        try {
            Files.createDirectories(folder);
            var registry = new ImageRegistry(folder, HttpServer.create(new InetSocketAddress(address, 0), 0));
            registry.server.setExecutor(registry.executor);
            registry.server.createContext("/v2/", registry::answer);
            registry.server.start();
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException("the registry of images cannot listen on " + address, e);
        }
    }

    /** {@code host:port}. */
    public String address() {
        return server.getAddress().getAddress().getHostAddress()
                + ":"
                + server.getAddress().getPort();
    }

    /**
     * Serves an image, also under its digest.
     *
     * @param reference its full name with a tag, such as {@code ghcr.io/embedding-operator/runner:1}
     * @param archive an OCI image layout in a tar, as Jib writes it
     * @return the digest, such as {@code sha256:…}
     */
    public String add(String reference, Path archive) {
        return add(reference, archive, Map.of());
    }

    /** The same with more variables in the image's environment. */
    public synchronized String add(String reference, Path archive, Map<String, String> variables) {
        JsonNode manifest = ImageArchive.unpackLayout(archive, folder);
        if (!variables.isEmpty()) {
            manifest = new ImageParts(folder).withVariables(manifest, variables);
        }
        var added = new Manifest(
                manifest.path("digest").asText(), manifest.path("mediaType").asText());
        tags.put(reference, added);
        digests.put(added.digest(), added);
        return added.digest();
    }

    /** The name is not known any more; nodes that have pulled the image keep it. */
    public void remove(String reference) {
        tags.remove(reference);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
            if (!path.matches()) {
                exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, -1);
            } else if (path.group("kind").equals("blobs")) {
                send(exchange, path.group("reference"), "application/octet-stream");
            } else {
                Optional<Manifest> manifest = manifest(exchange, path.group("name"), path.group("reference"));
                if (manifest.isPresent()) {
                    send(exchange, manifest.get().digest(), manifest.get().mediaType());
                } else {
                    refuse(exchange, "MANIFEST_UNKNOWN");
                }
            }
        }
    }

    private Optional<Manifest> manifest(HttpExchange exchange, String name, String reference) {
        if (DIGEST.matcher(reference).matches()) {
            return Optional.ofNullable(digests.get(reference));
        }
        Matcher query = QUERY.matcher(String.valueOf(exchange.getRequestURI().getQuery()));
        if (!query.matches()) {
            return Optional.empty();
        }
        return Optional.ofNullable(tags.get(query.group("host") + "/" + name + ":" + reference));
    }

    private void send(HttpExchange exchange, String digest, String mediaType) throws IOException {
        Path file = folder.resolve("blobs").resolve(digest.replace(':', '/'));
        if (!DIGEST.matcher(digest).matches() || !Files.exists(file)) {
            refuse(exchange, "BLOB_UNKNOWN");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.getResponseHeaders().set("Docker-Content-Digest", digest);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(Files.size(file)));
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, -1);
        } else {
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, Files.size(file));
            Files.copy(file, exchange.getResponseBody());
        }
    }

    private static void refuse(HttpExchange exchange, String code) throws IOException {
        byte[] body = JSON.writeValueAsBytes(Map.of("errors", new Object[] {Map.of("code", code)}));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_NOT_FOUND, -1);
        } else {
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_NOT_FOUND, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }
}
