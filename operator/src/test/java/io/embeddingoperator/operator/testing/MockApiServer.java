package io.embeddingoperator.operator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The mock server of the Kubernetes client, with objects that live as on an API server, and with the failures that a test asks for: those
 * that are hard to bring about on a real API server, which judges everything else. It checks no schema, collects no garbage and
 * runs no controllers.
 */
public final class MockApiServer implements AutoCloseable {
    /** Would print a line a request; held, because a logger that is not is made anew with its usual level. */
    private static final Logger REQUESTS = Logger.getLogger(MockWebServer.class.getName());

    static {
        REQUESTS.setLevel(Level.WARNING);
    }

    private final Objects objects = new Objects();
    private final KubernetesMockServer server =
            new KubernetesMockServer(new Context(), new MockWebServer(), new HashMap<>(), objects, false);

    private MockApiServer() {}

    public static MockApiServer start() {
        MockApiServer started = new MockApiServer();
        started.server.start();
        return started;
    }

    /** For a client that watches again at once when a watch has ended. */
    public Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(server.url("/"))
                .withWatchReconnectInterval(20)
                .build();
    }

    /** Answers the next requests of a kind with a failure, until the returned object is closed. */
    public Failure failing(HttpMethod method, String path, Supplier<MockResponse> answer) {
        Failure failure = new Failure(method, Pattern.compile(path), answer);
        objects.failures.add(failure);
        return failure;
    }

    /** As an API server answers what it does not do. */
    public static MockResponse refusal(int code, String reason, String message) {
        return new MockResponse().setResponseCode(code).setBody("""
                {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": %d, "reason": "%s", "message": "%s"}
                """.formatted(code, reason, message));
    }

    /** The requests that change something, in order, as {@code POST /apis/batch/v1/namespaces/search/jobs}. */
    public List<String> changes() {
        return objects.requests.stream()
                .filter(request -> request.method() != HttpMethod.GET)
                .map(request -> request.method() + " " + request.getPath().replaceFirst("\\?.*", ""))
                .toList();
    }

    /** The bodies of these. */
    public List<JsonNode> bodies() {
        return objects.bodies;
    }

    @Override
    public void close() {
        server.shutdown();
    }

    /** A failure that a test asked for. */
    public final class Failure implements AutoCloseable {
        private final HttpMethod method;
        private final Pattern path;
        private final Supplier<MockResponse> answer;
        private final List<String> hits = new CopyOnWriteArrayList<>();

        private Failure(HttpMethod method, Pattern path, Supplier<MockResponse> answer) {
            this.method = method;
            this.path = path;
            this.answer = answer;
        }

        private boolean isOf(RecordedRequest request) {
            return method == request.method() && path.matcher(request.getPath()).find();
        }

        private MockResponse answer(RecordedRequest request) {
            hits.add(request.getPath());
            return answer.get();
        }

        /** How many requests it has met. */
        public int hits() {
            return hits.size();
        }

        @Override
        public void close() {
            objects.failures.remove(this);
        }
    }

    /** What the mock server lacks of an API server, as far as the operator needs it: server-side apply, and watches by plain HTTP. */
    private static final class Objects extends KubernetesCrudDispatcher {
        private static final ObjectMapper JSON = new ObjectMapper();
        private static final Pattern VERSION = Pattern.compile("resourceVersion=(\\d+)");

        /** A watch ends after this time without a change, as on a real server after some minutes; the client begins the next. */
        private static final Duration WATCH = Duration.ofMillis(50);

        private final List<Failure> failures = new CopyOnWriteArrayList<>();
        private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
        private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
        private final List<Change> changes = new CopyOnWriteArrayList<>();

        @Override
        public MockResponse dispatch(RecordedRequest request) {
            requests.add(request);
            if (request.method() != HttpMethod.GET && request.getBody().size() > 0) {
                bodies.add(tree(new String(request.getBody().getBytes(), StandardCharsets.UTF_8)));
            }
            Optional<Failure> failure =
                    failures.stream().filter(each -> each.isOf(request)).findFirst();
            if (failure.isPresent()) {
                return failure.get().answer(request);
            }
            if (request.getPath().contains("watch=true")) {
                return watch(request);
            }
            if ("application/apply-patch+yaml".equals(request.getHeader("Content-Type"))) {
                return apply(request);
            }
            return super.dispatch(request);
        }

        /** All fields of the operator's objects are its own, so that an apply is a replacement. */
        private MockResponse apply(RecordedRequest request) {
            String path = request.getPath().replaceFirst("\\?.*", "");
            if (findResource(getKey(path)) == null && !path.endsWith("/status")) {
                return handleCreate(as(HttpMethod.POST, path.replaceFirst("/[^/]+$", ""), request));
            }
            return handleUpdate(as(HttpMethod.PUT, path, request));
        }

        private static RecordedRequest as(HttpMethod method, String path, RecordedRequest request) {
            return new RecordedRequest(request.getHttpVersion(), method, path, request.getHeaders(), request.getBody());
        }

        /**
         * The mock server watches by WebSockets of Vert.x 4, and the operator has Vert.x 5. A client that is answered without a
         * WebSocket watches by plain HTTP, as behind {@code kubectl proxy}.
         */
        private MockResponse watch(RecordedRequest request) {
            if (request.getHeader("Upgrade") != null) {
                return new MockResponse().setResponseCode(200);
            }
            Matcher version = VERSION.matcher(request.getPath());
            long since = version.find() ? Long.parseLong(version.group(1)) : 0;
            AttributeSet query = getKey(request.getPath());
            String news = changes.stream()
                    .filter(change -> change.version > since && change.attributes.matches(query))
                    .map(Change::line)
                    .collect(Collectors.joining());
            MockResponse answer = new MockResponse().setResponseCode(200).setBody(news);
            return news.isEmpty() ? answer.setBodyDelay(WATCH) : answer;
        }

        @Override
        public void processEvent(
                String path, AttributeSet query, AttributeSet before, GenericKubernetesResource object, String after) {
            String existing = before == null ? null : getMap().get(before);
            super.processEvent(path, query, before, object, after);
            if (after == null && existing != null) {
                ObjectNode gone = json(existing);
                long version = requestResourceVersion();
                gone.withObject("/metadata").put("resourceVersion", Long.toString(version));
                changes.add(new Change(version, "DELETED", gone, before));
            } else if (after != null && !after.equals(existing)) {
                ObjectNode changed = json(after);
                String type = existing == null ? "ADDED" : "MODIFIED";
                changes.add(new Change(
                        changed.at("/metadata/resourceVersion").asLong(),
                        type,
                        changed,
                        AttributeSet.merge(query, getAttributeExtractor().fromResource(after))));
            }
        }

        private static ObjectNode json(String text) {
            return (ObjectNode) tree(text);
        }

        private static JsonNode tree(String text) {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @param version of the object after it */
    private record Change(long version, String type, ObjectNode object, AttributeSet attributes) {
        String line() {
            return new ObjectMapper().valueToTree(Map.of("type", type, "object", object)) + "\n";
        }
    }
}
