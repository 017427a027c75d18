package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.embeddingoperator.operator.testing.TestingRunner;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelClientTest {
    private final ModelClient client = new ModelClient(Duration.ofSeconds(5));

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void aReadyPodTellsItsModel() {
        try (TestingRunner endpoint = TestingRunner.ofAnEndpoint("wiki")) {
            assertThat(client.ask(List.of(pod(endpoint.address(), false), pod(endpoint.address(), true))))
                    .contains(new AnsweringModel("wiki", "6fd5", 384));
        }
    }

    @Test
    void aPodThatIsNotReadyIsNotAsked() {
        try (TestingRunner endpoint = TestingRunner.ofAnEndpoint("wiki")) {
            assertThat(client.ask(List.of(pod(endpoint.address(), false)))).isEmpty();
            assertThat(endpoint.requests()).isZero();
        }
    }

    @Test
    void anAnswerThatNamesNoModelCountsAsNone() {
        try (TestingRunner endpoint = TestingRunner.ofAnEndpoint("x".repeat(1_000))) {
            assertThat(client.ask(List.of(pod(endpoint.address(), true)))).isEmpty();
            assertThat(endpoint.requests()).isOne();
        }
    }

    @Test
    void aPodThatCannotBeReachedIsNoFailure() {
        assertThat(client.ask(List.of(pod("127.251.251.251", true)))).isEmpty();
    }

    private static Pod pod(String address, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("wiki-queries-1")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("runner")
                .addNewPort()
                .withName("http")
                .withContainerPort(8080)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPodIP(address)
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }
}
