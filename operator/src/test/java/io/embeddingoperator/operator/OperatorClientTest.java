package io.embeddingoperator.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperatorClientTest {
    private final KubernetesClient client = OperatorClient.create(
            new ConfigBuilder().withMasterUrl("http://127.0.0.1:1").build());
    private final KubernetesSerialization serialization = client.getKubernetesSerialization();

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void theManagersOfFieldsAreNotKept() {
        Lease lease = serialization.unmarshal("""
                apiVersion: coordination.k8s.io/v1
                kind: Lease
                metadata: {name: a, managedFields: [{manager: kubelet, operation: Update}], labels: {x: y}}
                """, Lease.class);

        assertThat(lease.getMetadata().getManagedFields()).isEmpty();
        assertThat(lease.getMetadata().getAdditionalProperties()).isEmpty();
        assertThat(lease.getMetadata().getLabels()).containsEntry("x", "y");
    }

    @Test
    void aSpecThatIsUnderstoodIsReadWhole() {
        EmbeddingJob written = TestingManifest.wiki();

        EmbeddingJob read = serialization.unmarshal(serialization.asYaml(written), EmbeddingJob.class);

        assertThat(read.getSpec()).isEqualTo(written.getSpec());
    }

    @Test
    void aSpecOfAnotherVersionIsReadAsNoneAndTheJobsBesideItAreRead() {
        String broken = serialization
                .asJson(TestingManifest.wiki())
                .replace("\"parallelism\":2", "\"parallelism\":-2")
                .replace("\"name\":\"wiki\"", "\"name\":\"broken\"");
        String good = serialization.asJson(TestingManifest.wiki());
        assertThat(broken).contains("-2");

        KubernetesResourceList<EmbeddingJob> list = serialization.unmarshal(
                "{\"apiVersion\":\"embedding-operator.io/v1alpha1\",\"kind\":\"EmbeddingJobList\",\"metadata\":{},"
                        + "\"items\":[" + broken + "," + good + "]}",
                Jobs.class);

        assertThat(list.getItems()).hasSize(2);
        assertThat(list.getItems().get(0).getSpec()).isNull();
        assertThat(list.getItems().get(0).getMetadata().getName()).isEqualTo("broken");
        assertThat(list.getItems().get(1).getSpec())
                .isEqualTo(TestingManifest.wiki().getSpec());
    }

    @Test
    void aFieldOfANewerVersionIsPassedOver() {
        String newer = serialization
                .asJson(TestingManifest.wiki())
                .replace("\"shards\":8", "\"shards\":8,\"balance\":\"ByBytes\"");
        assertThat(newer).contains("ByBytes");

        EmbeddingJob read = serialization.unmarshal(newer, EmbeddingJob.class);

        assertThat(read.getSpec()).isEqualTo(TestingManifest.wiki().getSpec());
    }

    @Test
    void anEndpointThatCannotBeReadHasNoSpec() {
        String broken = serialization.asJson(TestingEndpoint.ofWiki()).replace("fromJob", "fromRun");

        EmbeddingEndpoint read = serialization.unmarshal(broken, EmbeddingEndpoint.class);

        assertThat(read.getSpec()).isNull();
        assertThat(read.getMetadata().getName()).isEqualTo("wiki-queries");
    }

    private static final class Jobs
            extends io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList<EmbeddingJob> {
        private static final long serialVersionUID = 1L;
    }
}
