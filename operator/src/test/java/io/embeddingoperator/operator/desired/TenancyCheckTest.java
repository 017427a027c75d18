package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.LabelledKind;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.embeddingoperator.operator.config.Tenancy;
import io.embeddingoperator.operator.desired.NamedObjects.NamedObject;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TenancyCheckTest {
    private static final Tenancy NOTHING = tenancy(Map.of());

    private static final Tenancy SOMETHING = tenancy(Map.of(
            OperatorVariable.ALLOWED_SERVICE_ACCOUNTS, "embedder",
            OperatorVariable.ALLOWED_PRIORITY_CLASSES, "batch",
            OperatorVariable.ALLOWED_RUNTIME_CLASSES, "nvidia",
            OperatorVariable.ALLOWED_LABELS, "team,example.com/*",
            OperatorVariable.ALLOWED_ANNOTATIONS, "example.com/note",
            OperatorVariable.ALLOWED_ENVIRONMENT, "TZ",
            OperatorVariable.ALLOWED_BASE_URLS, "https://api.openai.com",
            OperatorVariable.ALLOWED_MODEL_URLS, "https://huggingface.co,https://models.example.org/onnx",
            OperatorVariable.ALLOWED_S3_ENDPOINTS, "https://s3.example.org",
            OperatorVariable.ALLOWED_MODEL_IMAGES, "registry.example.org/models"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    template: {serviceAccountName: deployer}              | spec.template.serviceAccountName is deployer                                        | serviceAccounts
                    template: {priorityClassName: system-node-critical}   | spec.template.priorityClassName is system-node-critical                             | priorityClasses
                    template: {runtimeClassName: kata}                    | spec.template.runtimeClassName is kata                                              | runtimeClasses
                    template: {labels: {app: payments}}                   | spec.template.labels has app                                                        | labels
                    template: {labels: {azure.workload.identity/use: "true"}} | spec.template.labels has azure.workload.identity/use                            | labels
                    template: {labels: {embedding-operator.io/allow: "true"}} | spec.template.labels has embedding-operator.io/allow                            | labels
                    template: {annotations: {container.apparmor.security.beta.kubernetes.io/runner: unconfined}} | spec.template.annotations has container.apparmor.security.beta.kubernetes.io/runner | annotations
                    template: {annotations: {k8s.v1.cni.cncf.io/networks: host}} | spec.template.annotations has k8s.v1.cni.cncf.io/networks                    | annotations
                    template: {env: [{name: SOME_LIBRARYS_SETTING, value: x}]} | spec.template.env[0] sets SOME_LIBRARYS_SETTING                                | environment
                    template: {env: [{name: HF_ENDPOINT, value: "https://hub.attacker.example"}]} | spec.template.env[0] (HF_ENDPOINT) is https://hub.attacker.example            | modelUrls
                    source: {postgres: null, s3: {bucket: b, endpoint: "https://s3.attacker.example", format: Text}} | spec.source.s3.endpoint is https://s3.attacker.example | s3Endpoints
                    embedder: {onnx: null, openai: {server: VLLM, model: m, dimensions: 3, baseUrl: "http://attacker.example/v1", apiKey: {secretKeyRef: {name: payroll, key: password}}}} | spec.embedder.openai.baseUrl is http://attacker.example/v1 | baseUrls
                    embedder: {onnx: null, openai: {server: VLLM, model: m, dimensions: 3, baseUrl: "https://api.openai.com@attacker.example/v1"}} | spec.embedder.openai.baseUrl is https://***@attacker.example/v1 | baseUrls
                    embedder: {onnx: {model: {bundled: null, image: {reference: "registry.example.org/models-of-others:1"}}}} | spec.embedder.onnx.model.image.reference is registry.example.org/models-of-others:1 | modelImages
                    """)
    void whatIsNotAllowedIsRefusedWithFieldValueAndRemedy(String spec, String field, String value) {
        EmbeddingJob manifest = TestingManifest.wiki("spec: {" + spec + "}");

        for (Tenancy tenancy : new Tenancy[] {NOTHING, SOMETHING}) {
            assertThatThrownBy(() -> TenancyCheck.check(manifest, tenancy))
                    .isInstanceOf(SpecificationProblem.class)
                    .hasMessage(
                            "%s, which this operator does not allow: change it, or have it added to the chart's value tenancy.%s",
                            field, value);
        }
    }

    @Test
    void modelsComeFromAllowedAddressesAlone() {
        String hash = "0".repeat(64);
        EmbeddingJob stranger = TestingManifest.wiki(model("""
                url: {model: {url: "http://169.254.169.254/m.onnx", sha256: "%1$s"}, tokenizer: {url: "https://models.example.org/onnx/t.json", sha256: "%1$s"}}
                """.formatted(hash)));
        EmbeddingJob hubWithoutMirror = TestingManifest.wiki("""
                spec:
                  embedder: {onnx: {model: {bundled: null, huggingFace: {repository: a/b}}}}
                  template: {env: [{name: HF_ENDPOINT, value: ""}]}
                """);
        EmbeddingJob hub = TestingManifest.wiki(model("""
                huggingFace: {repository: a/b, revision: "1", sha256: "%1$s", tokenizerSha256: "%1$s"}
                """.formatted(hash)));

        assertThatThrownBy(() -> TenancyCheck.check(stranger, SOMETHING))
                .hasMessageStartingWith(
                        "spec.embedder.onnx.model.url.model.url is http://169.254.169.254/m.onnx, which")
                .hasMessageNotContaining("tokenizer");
        assertThatCode(() -> TenancyCheck.check(hub, SOMETHING)).doesNotThrowAnyException();
        assertThatThrownBy(() -> TenancyCheck.check(hubWithoutMirror, NOTHING))
                .hasMessageStartingWith("spec.embedder.onnx.model.huggingFace is https://huggingface.co, which");
        assertThatThrownBy(() -> TenancyCheck.check(hub, NOTHING))
                .hasMessageStartingWith("spec.embedder.onnx.model.huggingFace is https://huggingface.co, which");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}
                    template: {serviceAccountName: embedder, priorityClassName: batch, runtimeClassName: nvidia}
                    template: {serviceAccountName: default}
                    template: {labels: {team: search, example.com/cost: "1", kueue.x-k8s.io/queue-name: gpus, app.kubernetes.io/name: embedding-runner}}
                    template: {annotations: {example.com/note: x, cluster-autoscaler.kubernetes.io/safe-to-evict: "false", kueue.x-k8s.io/podset-required-topology: rack}}
                    template: {env: [{name: TZ, value: UTC}, {name: EMBEDDING_RUNNER_JAVA_OPTIONS, value: -Xmx2g}]}
                    embedder: {onnx: {model: {bundled: null, image: {reference: "registry.example.org/models/bge@sha256:00"}}}}
                    embedder: {onnx: null, openai: {model: m, dimensions: 3, apiKey: {secretKeyRef: {name: openai, key: apiKey}}}}
                    source: {postgres: null, s3: {bucket: b, format: Text}}
                    template: {env: [{name: HF_ENDPOINT, value: "https://models.example.org/onnx/hub"}]}
                    """)
    void whatIsAllowedPasses(String spec) {
        EmbeddingJob manifest = TestingManifest.wiki("spec: " + (spec.equals("{}") ? spec : "{" + spec + "}"));

        assertThatCode(() -> TenancyCheck.check(manifest, SOMETHING)).doesNotThrowAnyException();
        assertThat(RunnerJob.desired(manifest, TestingImages.IMAGES)).isNotNull();
    }

    @Test
    void everythingThatIsNotAllowedIsToldAtOnce() {
        EmbeddingJob manifest =
                TestingManifest.wiki("spec: {template: {serviceAccountName: deployer, priorityClassName: high}}");

        assertThatThrownBy(() -> TenancyCheck.check(manifest, SOMETHING))
                .hasMessageContainingAll("deployer", "high")
                .isInstanceOfSatisfying(
                        SpecificationProblem.class,
                        problem -> assertThat(problem.reason()).isEqualTo(SpecificationProblem.Reason.InvalidTemplate));
    }

    @Test
    void aSecretIsMountedOnlyWhereItsLabelIsAskedFor() {
        EmbeddingJob manifest =
                TestingManifest.wiki("spec: {template: {volumes: [{name: s, secret: {secretName: payroll}}]}}");

        assertThatThrownBy(() -> TenancyCheck.check(manifest, SOMETHING))
                .hasMessage(
                        "spec.template.volumes[0] is a Secret, which is allowed only where the chart's value"
                                + " tenancy.requireLabel has Secret and the Secret has the label embedding-operator.io/allow: remove it");
        assertThatCode(() -> TenancyCheck.check(manifest, tenancy(Map.of(OperatorVariable.LABELLED_KINDS, "Secret"))))
                .doesNotThrowAnyException();
    }

    @Test
    void everyObjectThatAManifestNamesIsFound() {
        EmbeddingJob manifest = TestingManifest.wiki("""
                spec:
                  embedder:
                    onnx: null
                    openai:
                      model: m
                      dimensions: 3
                      apiKey: {secretKeyRef: {name: openai, key: apiKey}}
                      headers:
                      - {name: x-portkey-provider, value: openai}
                      - {name: x-portkey-api-key, secretKeyRef: {name: portkey, key: apiKey}}
                      clientCertificate: {secretRef: {name: runner-certificate}}
                  template:
                    volumes:
                    - {name: a, secret: {secretName: certificate}}
                    - {name: b, configMap: {name: authority}}
                    - {name: c, persistentVolumeClaim: {claimName: cache}}
                """);
        EmbeddingJob files = TestingManifest.wiki("""
                spec:
                  source: {postgres: null, volume: {claimName: corpus, path: "*", format: Text}}
                  embedder: {onnx: {model: {bundled: null, volume: {claimName: models}}}}
                """);

        assertThat(NamedObjects.of(manifest.getSpec()))
                .contains(
                        new NamedObject(LabelledKind.ConfigMap, "authority", "spec.template.volumes[1].configMap.name"),
                        new NamedObject(
                                LabelledKind.PersistentVolumeClaim,
                                "cache",
                                "spec.template.volumes[2].persistentVolumeClaim.claimName"))
                .filteredOn(named -> named.kind() == LabelledKind.Secret)
                .extracting(NamedObject::name)
                .containsExactly("wiki-db", "openai", "portkey", "runner-certificate", "vectors", "certificate");
        EmbeddingJob hub = TestingManifest.wiki(
                model("huggingFace: {repository: a/b, token: {secretKeyRef: {name: hub, key: token}}}"));

        assertThat(NamedObjects.of(hub.getSpec()))
                .contains(new NamedObject(
                        LabelledKind.Secret, "hub", "spec.embedder.onnx.model.huggingFace.token.secretKeyRef.name"));
        assertThat(NamedObjects.of(files.getSpec()))
                .filteredOn(named -> named.kind() == LabelledKind.PersistentVolumeClaim)
                .extracting(NamedObject::name)
                .containsExactly("corpus", "models");
    }

    private static String model(String model) {
        return "spec: {embedder: {onnx: {model: {bundled: null, " + model.strip() + "}}}}";
    }

    private static Tenancy tenancy(Map<String, String> lists) {
        Map<String, String> environment = new HashMap<>(lists);
        environment.put(OperatorVariable.NAMESPACE, "operators");
        environment.put(OperatorVariable.RUNNER_IMAGE, "runner");
        environment.put(OperatorVariable.RUNNER_CUDA_IMAGE, "runner-cuda");
        return OperatorSettings.from(environment).tenancy();
    }
}
