package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link RunnerJobGoldenTest} does not show. */
final class RunnerJobTest {
    @Test
    void withoutAQueueTheJobStartsAtOnce() {
        assertThat(job("{}").getSpec().getSuspend()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metadata: {labels: {kueue.x-k8s.io/queue-name: gpus}}",
                "spec: {template: {labels: {kueue.x-k8s.io/queue-name: gpus}}}"
            })
    void aQueueStartsTheJobAndKnowsNothingOfItsPods(String patch) {
        Job job = job(patch);

        assertThat(job.getSpec().getSuspend()).isTrue();
        assertThat(job.getMetadata().getLabels()).containsEntry(Kueue.QUEUE_NAME, "gpus");
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels()).doesNotContainKey(Kueue.QUEUE_NAME);
    }

    @Test
    void aJobIsNeverCleanedUpBeforeItsOutcomeIsWrittenDown() {
        assertThat(job("spec: {ttlSecondsAfterFinished: 0}").getSpec().getTtlSecondsAfterFinished())
                .isNull();
    }

    @Nested
    final class Volumes {
        @Test
        void aModelOnAClaimIsMountedReadOnlyWhereTheManifestSays() {
            PodSpec pod = pod(
                    "spec: {embedder: {onnx: {model: {bundled: null, volume: {claimName: models, mountPath: /bge}}}}}");

            Volume volume = volume(pod, "model");
            assertThat(volume.getPersistentVolumeClaim().getClaimName()).isEqualTo("models");
            assertThat(volume.getPersistentVolumeClaim().getReadOnly()).isTrue();
            VolumeMount mount = mount(pod, "model");
            assertThat(mount.getMountPath()).isEqualTo("/bge");
            assertThat(mount.getReadOnly()).isTrue();
        }

        @Test
        void aModelOfAHubIsDownloadedIntoTheTemporaryFolder() {
            PodSpec pod = pod("""
                    spec:
                      embedder:
                        onnx:
                          model:
                            bundled: null
                            huggingFace: {repository: a/b, revision: "1", sha256: "%1$s", tokenizerSha256: "%1$s"}
                    """.formatted("0".repeat(64)));

            assertThat(pod.getVolumes()).extracting(Volume::getName).containsExactly("spec", "tmp");
            assertThat(volume(pod, "tmp").getEmptyDir().getSizeLimit()).isNull();
        }

        @Test
        void aVolumeOfTheTemplateMayHoldTheFiles() {
            PodSpec pod = pod("""
                    spec:
                      source: {postgres: null, volume: {path: "in/*.txt", format: Text}}
                      template:
                        volumes: [{name: share, nfs: {server: nas, path: /corpus}}]
                        volumeMounts: [{name: share, mountPath: /source, readOnly: true}]
                    """);

            assertThat(mount(pod, "share").getMountPath()).isEqualTo("/source");
        }

        @Test
        void anAbsolutePathMayLieOnAVolumeOfTheTemplate() {
            PodSpec pod = pod("""
                    spec:
                      source: {postgres: null, volume: {path: "/corpus/in/*.txt", format: Text}}
                      template:
                        volumes: [{name: share, nfs: {server: nas, path: /corpus}}]
                        volumeMounts: [{name: share, mountPath: /corpus/}]
                    """);

            assertThat(pod.getVolumes()).extracting(Volume::getName).containsExactly("spec", "tmp", "share");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        source: {postgres: null, volume: {path: "in/*.txt", format: Text}}                       | spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files, or mount a volume of spec.template at /source
                        source: {postgres: null, volume: {claimName: corpus, path: "/in/*.txt", format: Text}}   | spec.source.volume.path is /in/*.txt: give it relative to the root of the claim corpus
                        embedder: {onnx: {model: {bundled: null, volume: {mountPath: /bge}}}}                    | spec.embedder.onnx.model.volume.claimName is missing: name the PersistentVolumeClaim that holds the model, or mount a volume of spec.template at /bge
                        embedder: {onnx: {model: {bundled: null, volume: {claimName: m, mountPath: bge}}}}       | spec.embedder.onnx.model.volume.mountPath is bge: use an absolute path without a colon, such as /model
                        embedder: {onnx: {model: {bundled: null, image: {reference: m, mountPath: /tmp/}}}}      | spec.embedder.onnx.model.image.mountPath is /tmp/, where the runner has another folder: use /model
                        """)
        void filesThatNoPodWouldFindAreRefused(String spec, String sentence) {
            assertThatThrownBy(() -> job("spec: {" + spec + "}"))
                    .isInstanceOfSatisfying(
                            SpecificationProblem.class,
                            problem -> assertThat(problem.reason())
                                    .isEqualTo(SpecificationProblem.Reason.InvalidSpecification))
                    .hasMessage(sentence);
        }
    }

    @Nested
    final class Template {
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        env: [{name: EMBEDDING_SINK_URI, value: x}]                 | spec.template.env[0] sets EMBEDDING_SINK_URI, which the operator sets itself: remove it
                        env: [{name: JOB_COMPLETION_INDEX, value: "0"}]             | spec.template.env[0] sets JOB_COMPLETION_INDEX, which the operator sets itself: remove it
                        env: [{name: A, value: "1"}, {name: A, value: "2"}]         | spec.template.env[1] sets A a second time: remove one of them
                        env: [{value: "1"}]                                         | spec.template.env[0].name is missing: name the variable, or remove it
                        labels: {app.kubernetes.io/name: mine}                      | spec.template.labels.app.kubernetes.io/name is the operator's own and embedding-runner here: remove it
                        volumes: [{name: tmp, emptyDir: {}}]                        | spec.template.volumes[0] is named tmp like a volume of the operator's own: choose another name
                        volumeMounts: [{name: x, mountPath: /tmp/}]                 | spec.template.volumeMounts[0] is mounted at /tmp/, where a volume of the operator's own is: use another path
                        volumeMounts: [{name: x, mountPath: /etc/embedding-operator}] | spec.template.volumeMounts[0] is mounted at /etc/embedding-operator, where a volume of the operator's own is: use another path
                        """)
        void aTemplateThatTakesAwayWhatARunNeedsIsRefused(String template, String sentence) {
            assertThatThrownBy(() -> job("spec: {template: {" + template + "}}"))
                    .isInstanceOfSatisfying(
                            SpecificationProblem.class,
                            problem ->
                                    assertThat(problem.reason()).isEqualTo(SpecificationProblem.Reason.InvalidTemplate))
                    .hasMessage(sentence);
        }

        @Test
        void allClashesAreToldAtOnce() {
            assertThatThrownBy(() -> job("""
                                    spec:
                                      template:
                                        env: [{name: EMBEDDING_HTTP_PORT, value: "80"}]
                                        volumes: [{name: spec, emptyDir: {}}]
                                    """))
                    .hasMessage(
                            "spec.template.env[0] sets EMBEDDING_HTTP_PORT, which the operator sets itself: remove it;"
                                    + " spec.template.volumes[0] is named spec like a volume of the operator's own: choose another name");
        }

        @Test
        void namesOfVolumesThatThisRunDoesNotUseAreFree() {
            PodSpec pod = pod("spec: {template: {volumes: [{name: source, emptyDir: {}}]}}");

            assertThat(volume(pod, "source").getEmptyDir()).isNotNull();
        }

        @Test
        void aLabelThatSaysTheSameIsNoClash() {
            EmbeddingJob manifest =
                    TestingManifest.wiki("spec: {template: {labels: {app.kubernetes.io/name: embedding-runner}}}");

            assertThat(RunnerJob.desired(manifest, TestingImages.IMAGES)
                            .getMetadata()
                            .getLabels())
                    .isEqualTo(RunLabels.of(manifest));
        }
    }

    private static Job job(String patch) {
        return RunnerJob.desired(TestingManifest.wiki(patch), TestingImages.IMAGES);
    }

    private static PodSpec pod(String patch) {
        return job(patch).getSpec().getTemplate().getSpec();
    }

    private static Volume volume(PodSpec pod, String name) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static VolumeMount mount(PodSpec pod, String name) {
        return pod.getContainers().getFirst().getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
