package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CancelJobTest {
    private final EmbeddingJob manifest = TestingManifest.wiki();
    private final Job cancel = CancelJob.desired(manifest, TestingImages.IMAGES, Duration.ofMinutes(10));
    private final Job run = RunnerJob.desired(manifest, TestingImages.IMAGES);

    @Test
    void itsPodIsARunnerPodWithAnotherCommand() {
        PodSpec pod = cancel.getSpec().getTemplate().getSpec();
        PodSpec runner = run.getSpec().getTemplate().getSpec();
        Container container = pod.getContainers().getFirst();

        assertThat(container.getArgs()).containsExactly("cancel", "-f", "/etc/embedding-operator/embeddingjob.yaml");
        assertThat(container.getEnv())
                .isEqualTo(runner.getContainers().getFirst().getEnv());
        assertThat(container.getSecurityContext())
                .isEqualTo(runner.getContainers().getFirst().getSecurityContext());
        assertThat(pod.getSecurityContext()).isEqualTo(runner.getSecurityContext());
        assertThat(cancel.getSpec().getTemplate().getMetadata().getLabels())
                .isEqualTo(run.getSpec().getTemplate().getMetadata().getLabels());
    }

    @Test
    void itReadsAConfigMapThatGoesWithIt() {
        Job created = new JobBuilder(cancel)
                .editMetadata()
                .withUid("d1")
                .endMetadata()
                .build();

        ConfigMap configMap = CancelJob.configMap(manifest, created);

        assertThat(configMap.getMetadata().getName()).isEqualTo("wiki-cancel");
        assertThat(configMap.getData())
                .isEqualTo(RunnerConfigMap.desired(manifest).getData());
        assertThat(configMap.getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getKind, OwnerReference::getUid)
                .containsExactly(tuple("Job", "d1"));
        assertThat(cancel.getSpec().getTemplate().getSpec().getVolumes())
                .filteredOn(volume -> volume.getConfigMap() != null)
                .extracting(volume -> volume.getConfigMap().getName())
                .containsExactly("wiki-cancel");
    }

    @Test
    void itOutlivesWhatTheEmbeddingJobOwnsAndNothingElse() {
        assertThat(cancel.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(cancel.getSpec().getActiveDeadlineSeconds()).isEqualTo(600);
        assertThat(cancel.getSpec().getTtlSecondsAfterFinished()).isEqualTo(600);
        assertThat(cancel.getSpec().getSuspend()).isTrue();
    }

    @Test
    void itIsKnownByTheUidOfItsEmbeddingJob() {
        assertThat(CancelJob.isOf(manifest, cancel)).isTrue();
        assertThat(CancelJob.isOf(TestingManifest.wiki("metadata: {uid: another}"), cancel))
                .isFalse();
        assertThat(CancelJob.isOf(manifest, run)).isFalse();
    }
}
