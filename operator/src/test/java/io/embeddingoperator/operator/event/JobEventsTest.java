package io.embeddingoperator.operator.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.status.NewEvent;
import io.embeddingoperator.operator.testing.MockApiServer;
import io.embeddingoperator.operator.testing.TestingClock;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobEventsTest {
    private final EmbeddingJob job = TestingManifest.wiki();
    private final MockApiServer server = MockApiServer.start();
    private final KubernetesClient client = OperatorClient.create(server.config());

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void anEventNamesTheJobAndTheReportingController() {
        publish(new NewEvent(NewEvent.Type.Warning, "MissingSecret", "Secret vectors is missing"));

        JsonNode event = server.bodies().getFirst();
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

        String note = server.bodies().getFirst().path("note").asText();
        assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(800, 1024);
        assertThat(note).startsWith("ü€ü€").endsWith("…");
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 409})
    void anEventThatCannotBeWrittenHoldsNothingUp(int code) {
        try (MockApiServer.Failure refused = server.failing(
                HttpMethod.POST, "/events$", () -> MockApiServer.refusal(code, "Refused", "not this one"))) {
            assertThatCode(() -> publish(new NewEvent(NewEvent.Type.Normal, "Complete", "done")))
                    .doesNotThrowAnyException();
            assertThat(refused.hits()).isEqualTo(1);
        }
    }

    private void publish(NewEvent event) {
        new JobEvents(client, "operator-0", new TestingClock()).publish(job, List.of(event));
    }
}
