package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real API server makes of the operator's objects. */
final class RunnerJobIT {
    private final KubernetesClient client = TestingCluster.shared().client();
    private final String namespace = TestingCluster.shared().newNamespace();

    @ParameterizedTest
    @ValueSource(strings = {"postgres-on-cpu", "files-on-gpu-under-kueue"})
    void theObjectsOfARunAreAccepted(String name) {
        EmbeddingJob manifest = TestingManifest.read(name);
        manifest.getMetadata().setNamespace(namespace);
        Job desired = RunnerJob.desired(manifest, TestingImages.IMAGES);

        Job accepted = client.resource(desired).dryRun().create();
        client.resource(RunnerConfigMap.desired(manifest)).dryRun().create();

        // what was asked for is what stands there: no field was dropped
        assertThat(accepted.getSpec().getPodFailurePolicy())
                .isEqualTo(desired.getSpec().getPodFailurePolicy());
        assertThat(accepted.getSpec().getPodReplacementPolicy()).isEqualTo("Failed");
        assertThat(accepted.getSpec().getTemplate().getSpec().getVolumes())
                .hasSameSizeAs(desired.getSpec().getTemplate().getSpec().getVolumes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres-on-cpu", "files-on-gpu-under-kueue"})
    void aRestrictedNamespaceTakesThePods(String name) {
        Pod pod = pod(TestingManifest.read(name));

        assertThat(client.resource(pod).dryRun().create().getMetadata().getUid())
                .isNotNull();
    }

    @Test
    void aRestrictedNamespaceWouldRefuseAPodThatIsNot() {
        Pod pod = pod(TestingManifest.wiki());
        pod.getSpec().getContainers().getFirst().getSecurityContext().setCapabilities(null);

        assertThatThrownBy(() -> client.resource(pod).dryRun().create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
    }

    @Test
    void theLongestNameAndTheMostShardsAreAccepted() {
        EmbeddingJob manifest = TestingManifest.wiki("""
                metadata: {name: %s, namespace: %s}
                spec: {sharding: {shards: 100000, parallelism: 100000}}
                status: {run: %d, runNonce: 1}
                """.formatted("n".repeat(46), namespace, Integer.MAX_VALUE));

        Job accepted = client.resource(RunnerJob.desired(manifest, TestingImages.IMAGES))
                .dryRun()
                .create();

        assertThat(accepted.getSpec().getCompletions()).isEqualTo(100_000);
    }

    /** A pod of the Job, without what a cluster must have first: its account and classes. */
    private Pod pod(EmbeddingJob manifest) {
        PodTemplateSpec template =
                RunnerJob.desired(manifest, TestingImages.IMAGES).getSpec().getTemplate();
        return new PodBuilder()
                .withMetadata(template.getMetadata())
                .editMetadata()
                .withNamespace(namespace)
                .withName("pod")
                .endMetadata()
                .withSpec(template.getSpec())
                .editSpec()
                .withServiceAccountName(null)
                .withRuntimeClassName(null)
                .withPriorityClassName(null)
                .endSpec()
                .build();
    }
}
