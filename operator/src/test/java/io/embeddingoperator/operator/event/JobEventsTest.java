package io.embeddingoperator.operator.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.status.NewEvent;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobEventsTest {
    private final EmbeddingJob job = TestingManifest.wiki();
    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private int answer = 201;
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/apis/events.k8s.io/v1/namespaces/search/events", exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                received.add(new ObjectMapper().readTree(body));
                byte[] said = answer == 201 ? body : "{}".getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(answer, said.length);
                exchange.getResponseBody().write(said);
            }
        });
        server.start();
        client = OperatorClient.create(new ConfigBuilder()
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void anEventNamesTheJobAndTheReportingController() {
        publish(new NewEvent(NewEvent.Type.Warning, "MissingSecret", "Secret vectors is missing"));

        JsonNode event = received.getFirst();
        assertThat(event.path("regarding").path("kind").asText()).isEqualTo("EmbeddingJob");
        assertThat(event.path("regarding").path("name").asText()).isEqualTo("wiki");
        assertThat(event.path("regarding").path("uid").asText())
                .isEqualTo(job.getMetadata().getUid());
        assertThat(event.path("reportingController").asText()).isEqualTo(JobEvents.CONTROLLER);
        assertThat(event.path("reportingInstance").asText()).isEqualTo("operator-0");
        assertThat(event.path("type").asText()).isEqualTo("Warning");
        assertThat(event.path("reason").asText()).isEqualTo("MissingSecret");
        assertThat(event.path("note").asText()).isEqualTo("Secret vectors is missing");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T10:00:00.000000Z");
    }

    @Test
    void aNoteKeepsWithinWhatKubernetesTakes() {
        publish(new NewEvent(NewEvent.Type.Warning, "Failed", "ü€".repeat(2000)));

        String note = received.getFirst().path("note").asText();
        assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(800, 1024);
        assertThat(note).startsWith("ü€ü€").endsWith("…");
    }

    @Test
    void anEventThatCannotBeWrittenHoldsNothingUp() {
        answer = 403;
        assertThatCode(() -> publish(new NewEvent(NewEvent.Type.Normal, "Complete", "done")))
                .doesNotThrowAnyException();

        answer = 409;
        assertThatCode(() -> publish(new NewEvent(NewEvent.Type.Normal, "Complete", "done")))
                .doesNotThrowAnyException();
        assertThat(received).hasSize(2);
    }

    private void publish(NewEvent event) {
        new JobEvents(client, "operator-0", new TestingClock()).publish(job, List.of(event));
    }
}
