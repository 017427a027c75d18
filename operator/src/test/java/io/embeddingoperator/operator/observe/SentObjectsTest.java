package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.MockApiServer;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.PrimaryUpdateAndCacheUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the operator keeps in part it must never send in part. */
class SentObjectsTest {
    private static final EmbeddingJob WIKI = TestingManifest.wiki();

    private final MockApiServer server = MockApiServer.start();
    private final KubernetesClient client = OperatorClient.create(server.config());

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void aJobIsCreatedWithItsPodsTemplate() {
        Job created =
                client.resource(RunnerJob.desired(WIKI, TestingImages.IMAGES)).create();

        assertThat(server.bodies()
                        .getFirst()
                        .at("/spec/template/spec/containers/0/image")
                        .textValue())
                .isEqualTo(TestingImages.IMAGES.runner());
        assertThat(created.getSpec().getTemplate()).isNull();
    }

    @Test
    void aConfigMapIsWrittenWithItsDataAndKnownByItsDigest() {
        ConfigMap created = client.resource(RunnerConfigMap.desired(WIKI)).create();
        ConfigMap applied =
                client.resource(RunnerConfigMap.desired(WIKI)).patch(PatchContext.of(PatchType.SERVER_SIDE_APPLY));

        assertThat(server.bodies())
                .hasSize(2)
                .allSatisfy(body -> assertThat(
                                body.path("data").path(RunnerConfigMap.KEY).textValue())
                        .contains("kind: \"EmbeddingJob\""));
        assertThat(RunnerConfigMap.isCurrent(created, WIKI)).isTrue();
        assertThat(RunnerConfigMap.isCurrent(applied, WIKI)).isTrue();
    }

    @Test
    void aFinalizerIsAddedAndNothingElseChanged() {
        EmbeddingJob stored = client.resource(WIKI).create();

        PrimaryUpdateAndCacheUtils.addFinalizer(client, stored, BatchFinalizer.NAME);

        assertThat(server.bodies()).last().satisfies(patch -> {
            // With the version that was read: after a change of another client the API server refuses it.
            assertThat(patch).hasSize(2);
            assertThat(patch.get(0).path("path").textValue()).startsWith("/metadata/finalizers");
            assertThat(patch.get(0).path("op").textValue()).isEqualTo("add");
            assertThat(patch.get(1).path("path").textValue()).isEqualTo("/metadata/resourceVersion");
        });
    }
}
