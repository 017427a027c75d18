package io.embeddingoperator.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class EmbeddingJobClonerTest {
    private final KubernetesSerialization serialization = new KubernetesSerialization();
    private final EmbeddingJobCloner cloner = new EmbeddingJobCloner(serialization);

    @Test
    void theCopyOfAnEmbeddingJobSaysTheSame() {
        EmbeddingJob job = TestingManifest.wiki("{status: {observedGeneration: 1, run: 1}}");

        EmbeddingJob copy = cloner.clone(job);

        assertThat(copy).isNotSameAs(job);
        assertThat(serialization.asJson(copy)).isEqualTo(serialization.asJson(job));
    }

    @Test
    void whatIsDoneToTheMetadataOfTheCopyDoesNotReachTheOriginal() {
        EmbeddingJob job = TestingManifest.wiki();
        EmbeddingJob copy = cloner.clone(job);

        copy.getMetadata().getFinalizers().add("example.com/finalizer");
        copy.getMetadata().setGeneration(7L);

        assertThat(job.getMetadata().getFinalizers()).isEmpty();
        assertThat(job.getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    void otherObjectsAreCopiedAsAWhole() {
        ConfigMap configMap = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("wiki-1")
                .endMetadata()
                .addToData("key", "value")
                .build();

        ConfigMap copy = cloner.clone(configMap);
        copy.getData().put("key", "another");

        assertThat(configMap.getData()).containsEntry("key", "value");
    }
}
