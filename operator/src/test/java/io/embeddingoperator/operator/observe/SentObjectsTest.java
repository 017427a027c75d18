package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator keeps in part it must never send in part. */
class SentObjectsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final EmbeddingJob WIKI = TestingManifest.wiki();

    private final List<JsonNode> sent = new ArrayList<>();
    private HttpServer server;
    private KubernetesClient client;

    /** Answers a write with what was written, and a patch in JSON with the manifest. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
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

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode body = JSON.readTree(exchange.getRequestBody());
        sent.add(body);
        byte[] answer = JSON.writeValueAsBytes(body.isArray() ? WIKI : body);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Test
    void aJobIsCreatedWithItsPodsTemplate() {
        Job created =
                client.resource(RunnerJob.desired(WIKI, TestingImages.IMAGES)).create();

        assertThat(sent.getFirst().at("/spec/template/spec/containers/0/image").textValue())
                .isEqualTo(TestingImages.IMAGES.runner());
        assertThat(created.getSpec().getTemplate()).isNull();
    }

    @Test
    void aConfigMapIsWrittenWithItsDataAndKnownByItsDigest() {
        ConfigMap created = client.resource(RunnerConfigMap.desired(WIKI)).create();
        ConfigMap applied =
                client.resource(RunnerConfigMap.desired(WIKI)).patch(PatchContext.of(PatchType.SERVER_SIDE_APPLY));

        assertThat(sent)
                .hasSize(2)
                .allSatisfy(body -> assertThat(
                                body.path("data").path(RunnerConfigMap.KEY).textValue())
                        .contains("kind: \"EmbeddingJob\""));
        assertThat(RunnerConfigMap.isCurrent(created, WIKI)).isTrue();
        assertThat(RunnerConfigMap.isCurrent(applied, WIKI)).isTrue();
    }

    @Test
    void aFinalizerIsAddedAndNothingElseChanged() {
        PrimaryUpdateAndCacheUtils.addFinalizer(client, WIKI, BatchFinalizer.NAME);

        assertThat(sent).singleElement().satisfies(patch -> {
            assertThat(patch).hasSize(1);
            assertThat(patch.get(0).path("path").textValue()).startsWith("/metadata/finalizers");
            assertThat(patch.get(0).path("op").textValue()).isEqualTo("add");
        });
    }
}
