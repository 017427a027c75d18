package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.SecretVolumeSourceBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
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
        assertThat(job("spec: {podRetentionSeconds: 0}").getSpec().getTtlSecondsAfterFinished())
                .isNull();
    }

    @Nested
    final class Volumes {
        @Test
        void aModelOnAClaimIsMountedReadOnlyWhereTheManifestSays() {
            PodSpec pod = pod(
                    "spec: {embedder: {onnx: {model: {bundled: null, volume: {claimName: models, mountPath: /mnt/bge}}}}}");

            Volume volume = volume(pod, "model");
            assertThat(volume.getPersistentVolumeClaim().getClaimName()).isEqualTo("models");
            assertThat(volume.getPersistentVolumeClaim().getReadOnly()).isTrue();
            VolumeMount mount = mount(pod, "model");
            assertThat(mount.getMountPath()).isEqualTo("/mnt/bge");
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
                        volumes: [{name: share, persistentVolumeClaim: {claimName: corpus}}]
                        volumeMounts: [{name: share, mountPath: /source, readOnly: true}]
                    """);

            assertThat(mount(pod, "share").getMountPath()).isEqualTo("/source");
        }

        @Test
        void theKeyOfAProviderIsAFileTooWhichARotatedOneIsReadFrom() {
            PodSpec pod = pod("""
                    spec:
                      embedder:
                        onnx: null
                        openai: {model: m, dimensions: 8, apiKey: {secretKeyRef: {name: openai, key: token}}}
                    """);

            SecretVolumeSource secret = volume(pod, "api-key").getSecret();
            assertThat(secret.getSecretName()).isEqualTo("openai");
            assertThat(secret.getItems()).containsExactly(new KeyToPath("token", null, "apiKey"));
            assertThat(secret.getOptional()).isTrue();
            assertThat(pod.getContainers().getFirst().getEnv())
                    .extracting(EnvVar::getName, EnvVar::getValue)
                    .contains(tuple(
                            "EMBEDDING_OPENAI_API_KEY_FILE",
                            mount(pod, "api-key").getMountPath() + "/apiKey"));
        }

        @Test
        void secretHeadersAreFilesOfTheirNames() {
            PodSpec pod = pod("""
                    spec:
                      embedder:
                        onnx: null
                        openai:
                          model: m
                          dimensions: 8
                          headers:
                          - {name: x_team, value: search}
                          - {name: X_Portkey-Key, secretKeyRef: {name: portkey, key: token}}
                          - {name: Helicone-Auth, secretKeyRef: {name: helicone, key: auth}}
                    """);

            assertThat(volume(pod, "headers").getProjected().getSources())
                    .extracting(VolumeProjection::getSecret)
                    .containsExactly(
                            new SecretProjection(
                                    List.of(new KeyToPath("auth", null, "helicone-auth")), "helicone", true),
                            new SecretProjection(
                                    List.of(new KeyToPath("token", null, "x-portkey-key")), "portkey", true));
            assertThat(mount(pod, "headers").getMountPath()).isEqualTo("/etc/embedding-operator-headers");
        }

        @ParameterizedTest
        @CsvSource({"configMapKeyRef", "secretKeyRef"})
        void theAuthoritiesOfAProviderAreMountedAsOneFile(String reference) {
            PodSpec pod = pod("""
                    spec:
                      embedder:
                        onnx: null
                        openai: {model: m, dimensions: 8, server: VLLM, baseUrl: "http://vllm", caBundle: {%s: {name: authorities, key: ca.crt}}}
                    """.formatted(reference));

            Volume bundle = volume(pod, "ca-bundle");
            List<KeyToPath> items = reference.equals("secretKeyRef")
                    ? bundle.getSecret().getItems()
                    : bundle.getConfigMap().getItems();
            assertThat(items).containsExactly(new KeyToPath("ca.crt", null, "ca.pem"));
            assertThat(mount(pod, "ca-bundle").getMountPath()).isEqualTo("/etc/embedding-operator-ca");
        }

        @ParameterizedTest
        @CsvSource({"configMapKeyRef", "secretKeyRef"})
        void theAuthoritiesOfAStoreAreMountedBesideThoseOfAProvider(String reference) {
            PodSpec pod = pod("""
                    spec:
                      source: {postgres: null, s3: {bucket: docs, format: Text, caBundle: {%s: {name: ours, key: root.pem}}}}
                      embedder:
                        onnx: null
                        openai: {model: m, dimensions: 8, server: VLLM, baseUrl: "http://vllm", caBundle: {configMapKeyRef: {name: a, key: b}}}
                    """.formatted(reference));

            Volume bundle = volume(pod, "s3-ca-bundle");
            List<KeyToPath> items = reference.equals("secretKeyRef")
                    ? bundle.getSecret().getItems()
                    : bundle.getConfigMap().getItems();
            assertThat(items).containsExactly(new KeyToPath("root.pem", null, "ca.pem"));
            assertThat(mount(pod, "s3-ca-bundle").getMountPath()).isEqualTo("/etc/embedding-operator-s3-ca");
            assertThat(mount(pod, "ca-bundle").getMountPath()).isEqualTo("/etc/embedding-operator-ca");
        }

        @Test
        void theRunnersCertificateIsASecretWhoseFilesTheVariablesName() {
            PodSpec pod = pod("""
                    spec:
                      embedder:
                        onnx: null
                        openai: {model: m, dimensions: 8, server: VLLM, baseUrl: "http://vllm", clientCertificate: {secretRef: {name: runner-tls}}}
                    """);

            assertThat(volume(pod, "client-certificate").getSecret())
                    .isEqualTo(new SecretVolumeSourceBuilder()
                            .withSecretName("runner-tls")
                            .build());
            String folder = mount(pod, "client-certificate").getMountPath();
            assertThat(pod.getContainers().getFirst().getEnv())
                    .extracting(EnvVar::getName, EnvVar::getValue)
                    .contains(
                            tuple("EMBEDDING_OPENAI_CLIENT_CERTIFICATE", folder + "/tls.crt"),
                            tuple("EMBEDDING_OPENAI_CLIENT_KEY", folder + "/tls.key"));
        }

        @Test
        void anAbsolutePathMayLieOnAVolumeOfTheTemplate() {
            PodSpec pod = pod("""
                    spec:
                      source: {postgres: null, volume: {path: "/data/in/*.txt", format: Text}}
                      template:
                        volumes: [{name: share, persistentVolumeClaim: {claimName: corpus}}]
                        volumeMounts: [{name: share, mountPath: /data/}]
                    """);

            assertThat(pod.getVolumes()).extracting(Volume::getName).containsExactly("spec", "tmp", "share");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        source: {postgres: null, volume: {path: "in/*.txt", format: Text}}                       | spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files, or mount a claim of spec.template at /source
                        source: {postgres: null, volume: {claimName: corpus, path: "/in/*.txt", format: Text}}   | spec.source.volume.path is /in/*.txt: give it relative to the root of the claim corpus
                        embedder: {onnx: {model: {bundled: null, volume: {mountPath: /mnt/bge}}}}                    | spec.embedder.onnx.model.volume.claimName is missing: name the PersistentVolumeClaim that holds the model, or mount a claim of spec.template at /mnt/bge
                        embedder: {onnx: {model: {bundled: null, volume: {mountPath: bge}}}}                     | spec.embedder.onnx.model.volume.mountPath is bge: mount it at /source, /model, /models, /data, /cache, /certs, /scratch, /mnt or below one of them: every other folder belongs to the runner itself
                        source: {postgres: null, volume: {claimName: c, path: "../model/*", format: Text}}         | spec.source.volume.path is ../model/*: leave out .., which leads out of the volume
                        source: {postgres: null, volume: {claimName: c, path: "{in,..}/*", format: Text}}          | spec.source.volume.path is {in,..}/*: leave out .., which leads out of the volume
                        source: {postgres: null, volume: {path: "/certs/*", format: Text}}, template: {volumes: [{name: s, secret: {secretName: s}}], volumeMounts: [{name: s, mountPath: /certs}]} | spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files, or mount a claim of spec.template at /source
                        source: {postgres: null, volume: {path: "/certs/*", format: Text}}, template: {volumes: [{name: s, configMap: {name: s}}], volumeMounts: [{name: s, mountPath: /certs}]} | spec.source.volume.claimName is missing: name the PersistentVolumeClaim that holds the files, or mount a claim of spec.template at /source
                        source: {postgres: null, volume: {claimName: c, path: "*", format: Text}}, embedder: {onnx: {model: {bundled: null, image: {reference: m, mountPath: /source/model}}}} | spec.embedder.onnx.model.image.mountPath is /source/model, where the runner has another folder: use /model
                        embedder: {onnx: {model: {bundled: null, image: {reference: m, mountPath: /tmp/}}}}      | spec.embedder.onnx.model.image.mountPath is /tmp/: mount it at /source, /model, /models, /data, /cache, /certs, /scratch, /mnt or below one of them: every other folder belongs to the runner itself
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
                        env: [{name: TZ, value: "1"}, {name: TZ, value: "2"}]       | spec.template.env[1] sets TZ a second time: remove one of them
                        labels: {app.kubernetes.io/name: mine}                      | spec.template.labels.app.kubernetes.io/name is the operator's own and embedding-runner here: remove it
                        volumes: [{name: tmp, emptyDir: {}}]                        | spec.template.volumes[0] is named tmp like a volume of the operator's own: choose another name
                        volumeMounts: [{name: x, mountPath: /cache}]                | spec.template.volumeMounts[0] mounts x, which is no volume of the template: add it to volumes
                        volumeMounts: [{name: tmp, mountPath: /cache}]              | spec.template.volumeMounts[0] mounts tmp, which is no volume of the template: add it to volumes
                        volumes: [{name: a, emptyDir: {}}, {name: s, secret: {secretName: s}}], volumeMounts: [{name: a, mountPath: /data/}, {name: s, mountPath: /data/in}] | spec.template.volumeMounts[1] is mounted at /data/in, over or inside another mount: use another path
                        volumes: [{name: a, emptyDir: {}}, {name: s, secret: {secretName: s}}], volumeMounts: [{name: a, mountPath: /data/x}, {name: s, mountPath: /data}] | spec.template.volumeMounts[1] is mounted at /data, over or inside another mount: use another path
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
                                      source: {postgres: null, volume: {claimName: corpus, path: "*", format: Text}}
                                      template:
                                        volumes: [{name: spec, emptyDir: {}}, {name: x, emptyDir: {}}]
                                        volumeMounts: [{name: x, mountPath: /source/in}]
                                    """))
                    .hasMessage(
                            "spec.template.volumes[0] is named spec like a volume of the operator's own: choose another name;"
                                    + " spec.template.volumeMounts[0] is mounted at /source/in, where a volume of the operator's own is: use another path");
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
