package io.embeddingoperator.runner.source.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.runner.embed.openai.http.TestingKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The bucket {@code docs} behind a server that speaks as much of S3 as a reader needs, and fails as it is told to. */
final class TestingS3 implements AutoCloseable {
    private static final String PATH = "/docs";
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    private static final Pattern CREDENTIAL = Pattern.compile("Credential=([^/]+)/");

    private final HttpServer server;
    private final String scheme;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<String> keyIds = Collections.synchronizedList(new ArrayList<>());
    private final List<String> payers = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile int refusalStatus;
    private volatile String refusalCode;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean heedsConditions = true;
    private volatile boolean heedsRanges = true;

    TestingS3() throws IOException {
        this(HttpServer.create(ANY_PORT, 0), "http");
    }

    private TestingS3(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    /** @param keys a store of a key and its certificate, for the name localhost */
    static TestingS3 encrypted(Path keys) throws IOException, GeneralSecurityException {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        char[] password = TestingKeys.PASSWORD.toCharArray();
        factory.init(KeyStore.getInstance(keys.toFile(), password), password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(ANY_PORT, 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new TestingS3(server, "https");
    }

    String url() {
        return scheme + "://localhost:" + server.getAddress().getPort();
    }

    void put(String key, String content) {
        put(key, content.getBytes(StandardCharsets.UTF_8));
    }

    void put(String key, byte[] content) {
        objects.put(key, content);
    }

    void delete(String key) {
        objects.remove(key);
    }

    /** So many requests from now on are answered with an error; it may be without a code. */
    void refuse(int times, int status, String code) {
        refusalStatus = status;
        refusalCode = code;
        refusals.set(times);
    }

    /** So many bodies from now on end in their middle. */
    void cut(int times) {
        cuts.set(times);
    }

    /** Every request for an object from now on is answered after so long. */
    void answerAfter(Duration time) {
        delay = time;
    }

    /** How many requests for objects were under way at the same time, at the most. */
    int mostAtOnce() {
        return mostAtOnce.get();
    }

    void ignoreConditions() {
        heedsConditions = false;
    }

    void ignoreRanges() {
        heedsRanges = false;
    }

    /** What was asked for: {@code list PREFIX} or {@code KEY FROM-TO}. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** The ids of the keys that requests were signed with, one after the other. */
    List<String> keyIds() {
        return List.copyOf(keyIds);
    }

    /** Who is to pay, as each request says; "null" where it says nothing. */
    List<String> payers() {
        return List.copyOf(payers);
    }

    /** Everything that is in the bucket. */
    S3Store open() {
        return S3Store.open(source(null, null), Map.of());
    }

    S3Source source(String prefix, String path) {
        return source(prefix, path, DocumentFormat.NDJSON);
    }

    S3Source source(String prefix, String path, DocumentFormat format) {
        return source(prefix, path, format, null);
    }

    S3Source source(String prefix, String path, DocumentFormat format, Boolean requesterPays) {
        boolean isText = format == DocumentFormat.Text;
        return new S3Source(
                "docs",
                prefix,
                path,
                url(),
                null,
                null,
                null,
                requesterPays,
                null,
                format,
                isText ? null : "id",
                isText ? List.of() : List.of("text"),
                List.of(),
                List.of(),
                null);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            String query = exchange.getRequestURI().getRawQuery();
            keyIds.add(keyId(exchange));
            payers.add(String.valueOf(exchange.getRequestHeaders().getFirst("x-amz-request-payer")));
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                refuse(exchange, refusalStatus, refusalCode);
            } else if (query != null && query.contains("list-type=2")) {
                list(exchange, query);
            } else {
                delayed(exchange, decoded(path.substring(PATH.length() + 1)));
            }
        }
    }

    private void delayed(HttpExchange exchange, String key) throws IOException {
        mostAtOnce.accumulateAndGet(underWay.incrementAndGet(), Math::max);
        try {
            Thread.sleep(delay);
            object(exchange, key);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.decrementAndGet();
        }
    }

    private static String keyId(HttpExchange exchange) {
        Matcher signed = CREDENTIAL.matcher(exchange.getRequestHeaders().getFirst("Authorization"));
        return signed.find() ? signed.group(1) : "";
    }

    private void list(HttpExchange exchange, String query) throws IOException {
        String prefix = parameter(query, "prefix");
        String after = new String(
                Base64.getUrlDecoder().decode(parameter(query, "continuation-token")), StandardCharsets.UTF_8);
        requests.add("list " + prefix);
        List<String> keys = objects.tailMap(after, false).keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .toList();
        List<String> page = keys.subList(0, Math.min(2, keys.size()));
        boolean more = page.size() < keys.size();
        String last = more ? page.getLast() : "";
        String token = Base64.getUrlEncoder().encodeToString(last.getBytes(StandardCharsets.UTF_8));
        String contents = page.stream()
                .map(key -> "<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size></Contents>"
                        .formatted(encoded(key), tag(key), objects.get(key).length))
                .collect(Collectors.joining());
        send(
                exchange,
                200,
                ("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>%s</IsTruncated>"
                                + "<NextContinuationToken>%s</NextContinuationToken>%s</ListBucketResult>")
                        .formatted(more, token, contents));
    }

    private void object(HttpExchange exchange, String key) throws IOException {
        byte[] content = objects.get(key);
        Matcher range = RANGE.matcher(exchange.getRequestHeaders().getFirst("Range"));
        range.matches();
        requests.add("%s %s-%s".formatted(key, range.group(1), range.group(2)));
        if (content == null) {
            refuse(exchange, 404, "NoSuchKey");
            return;
        }
        if (heedsConditions && !tag(key).equals(exchange.getRequestHeaders().getFirst("If-Match"))) {
            refuse(exchange, 412, "PreconditionFailed");
            return;
        }
        int end = Math.min(content.length, Integer.parseInt(range.group(2)) + 1);
        byte[] part = heedsRanges ? Arrays.copyOfRange(content, Integer.parseInt(range.group(1)), end) : content;
        exchange.getResponseHeaders().set("ETag", tag(key));
        exchange.sendResponseHeaders(heedsRanges ? 206 : 200, part.length);
        boolean cut = cuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(part, 0, cut ? part.length / 2 : part.length);
            if (cut) {
                body.flush();
                throw new IOException("the connection is cut as a test wants it");
            }
        }
    }

    private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().set("x-amz-bucket-region", "eu-west-1");
        send(
                exchange,
                status,
                code.isEmpty() ? "" : "<Error><Code>%s</Code><Message>AKIASECRET</Message></Error>".formatted(code));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private String tag(String key) {
        return "\"%08x\"".formatted(Arrays.hashCode(objects.get(key)));
    }

    private static String parameter(String query, String name) {
        return Arrays.stream(query.split("&"))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8))
                .findFirst()
                .orElse("");
    }

    /** In a path a plus is a plus. */
    private static String decoded(String path) {
        return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8);
    }
}
