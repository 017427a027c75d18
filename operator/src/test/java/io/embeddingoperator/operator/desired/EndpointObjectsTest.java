package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EndpointModel;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.config.Tenancy;
import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointObjectsTest {
    private static final EmbeddingJob WIKI = TestingManifest.wiki();

    @Test
    void thePodsReadTheManifestOfTheJobAndAskItsTable() {
        PodTemplateSpec pod = pod(WIKI);

        assertThat(pod.getMetadata().getAnnotations().get("embedding-operator.io/manifest"))
                .contains("kind: \"EmbeddingJob\"", "public.article_embeddings", "all-minilm-l6-v2");
        assertThat(pod.getSpec().getVolumes()).extracting(Volume::getName).containsExactly("spec", "tmp");
        assertThat(pod.getSpec().getVolumes().getFirst().getDownwardAPI().getItems())
                .singleElement()
                .satisfies(item -> {
                    assertThat(item.getPath()).isEqualTo("manifest.yaml");
                    assertThat(item.getFieldRef().getFieldPath())
                            .isEqualTo("metadata.annotations['embedding-operator.io/manifest']");
                });
        assertThat(container(pod).getArgs())
                .startsWith("serve", "-f", "/etc/embedding-operator/manifest.yaml")
                .containsSequence("--max-queue-millis", "200")
                .containsSequence("--max-request-texts", "2048");
        assertThat(container(pod).getEnv())
                .extracting(EnvVar::getName)
                .contains(EnvironmentVariable.SINK_URI)
                .doesNotContain(EnvironmentVariable.SOURCE_URI, EnvironmentVariable.RUN);
    }

    @Test
    void howARunIsCarriedOutStartsNoPodAnew() {
        EmbeddingJob edited = TestingManifest.wiki("""
                spec:
                  runNonce: 7
                  suspend: true
                  sharding: {shards: 64, parallelism: 8}
                  budget: {maxCostUsd: "50"}
                  template: {env: [{name: EMBEDDING_LOG_LEVEL, value: DEBUG}]}
                """);

        assertThat(pod(edited)).isEqualTo(pod(WIKI));
    }

    @Test
    void anotherModelMakesOtherPods() {
        EmbeddingJob edited = TestingManifest.wiki("spec: {embedder: {onnx: {queryPrefix: 'query: '}}}");

        assertThat(pod(edited)).isNotEqualTo(pod(WIKI));
    }

    @Test
    void aModelOfItsOwnHasNoTable() {
        EmbeddingEndpoint endpoint = TestingEndpoint.with("""
                embedder:
                  onnx:
                    model: {huggingFace: {repository: org/model, token: {secretKeyRef: {name: hub, key: token}}}}
                limits: {maxQueueMillis: 50}
                """);

        PodTemplateSpec pod = EndpointPod.template(endpoint, own(endpoint), TestingImages.IMAGES);

        assertThat(pod.getMetadata().getAnnotations().get("embedding-operator.io/manifest"))
                .contains("kind: \"EmbeddingEndpoint\"", "org/model")
                .doesNotContain("limits");
        assertThat(container(pod).getArgs()).containsSequence("--max-queue-millis", "50");
        assertThat(container(pod).getEnv())
                .filteredOn(variable -> variable.getValueFrom() != null)
                .extracting(EnvVar::getName)
                .containsExactly(EnvironmentVariable.HUB_TOKEN);
    }

    @Test
    void noRequestFailsWhilePodsComeAndGo() {
        Deployment deployment = deployment(TestingEndpoint.ofWiki());

        assertThat(deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable())
                .isEqualTo(new IntOrString(0));
        Container container = container(deployment.getSpec().getTemplate());
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/healthz");
        long sleep = container.getLifecycle().getPreStop().getSleep().getSeconds();
        assertThat(deployment.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
                .as("the sleep and the 20 s in which a runner answers what it was asked")
                .isGreaterThan(sleep + 20);
        assertThat(EndpointDisruptionBudget.desired(TestingEndpoint.ofWiki())
                        .getSpec()
                        .getMaxUnavailable())
                .isEqualTo(new IntOrString(1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                  | 1
            replicas: 3                                         | 3
            replicas: 0, scaling: {minReplicas: 2}              | 0
            scaling: {minReplicas: 2}                           | 2
            replicas: 9, scaling: {minReplicas: 2, maxReplicas: 5} | 5
            """)
    void thereAreAsManyPodsAsAreAskedForWithinTheBounds(String spec, int replicas) {
        String fields = spec.equals("{}") ? "" : ", " + spec;

        assertThat(deployment(TestingEndpoint.with("{embedder: {fromJob: wiki}" + fields + "}"))
                        .getSpec()
                        .getReplicas())
                .isEqualTo(replicas);
    }

    @Test
    void theAutoscalerAsksTheEndpointItself() {
        EmbeddingEndpoint endpoint = TestingEndpoint.with(
                "{embedder: {fromJob: wiki}, scaling: {minReplicas: 2, maxReplicas: 20, targetUtilization: 60}}");

        assertThat(EndpointAutoscaler.desired(endpoint)).hasValueSatisfying(autoscaler -> {
            assertThat(autoscaler.getSpec().getScaleTargetRef().getKind()).isEqualTo("EmbeddingEndpoint");
            assertThat(autoscaler.getSpec().getScaleTargetRef().getApiVersion())
                    .isEqualTo("embedding-operator.io/v1alpha1");
            assertThat(autoscaler.getSpec().getMinReplicas()).isEqualTo(2);
            assertThat(autoscaler.getSpec().getMaxReplicas()).isEqualTo(20);
            assertThat(autoscaler
                            .getSpec()
                            .getMetrics()
                            .getFirst()
                            .getResource()
                            .getTarget()
                            .getAverageUtilization())
                    .isEqualTo(60);
        });
        assertThat(EndpointAutoscaler.desired(TestingEndpoint.ofWiki())).isEmpty();
    }

    @Test
    void theServiceSelectsThePodsAndHasTheAddressThatIsTold() {
        EmbeddingEndpoint endpoint = TestingEndpoint.ofWiki();

        assertThat(EndpointService.desired(endpoint).getSpec().getSelector())
                .isEqualTo(deployment(endpoint)
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels());
        assertThat(EndpointService.url(endpoint)).isEqualTo("http://wiki-queries.search.svc:8080/v1");
        assertThat(EndpointLabels.selector(endpoint))
                .isEqualTo("app.kubernetes.io/managed-by=embedding-operator,app.kubernetes.io/name=embedding-endpoint,"
                        + "embedding-operator.io/endpoint=wiki-queries");
    }

    @Test
    void theEndpointOwnsItsObjects() {
        assertThat(deployment(TestingEndpoint.ofWiki()).getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getKind, OwnerReference::getName, OwnerReference::getController)
                .containsExactly(tuple("EmbeddingEndpoint", "wiki-queries", true));
    }

    @Test
    void aModelBehindAProviderIsRefused() {
        EmbeddingJob job = TestingManifest.wiki("""
                spec:
                  embedder:
                    onnx: null
                    openai: {model: text-embedding-3-small, dimensions: 1536, apiKey: {secretKeyRef: {name: openai, key: apiKey}}}
                """);

        assertThatThrownBy(() -> ServedModel.of(job))
                .isInstanceOf(SpecificationProblem.class)
                .hasMessage(
                        "spec.embedder.fromJob names wiki, whose embedder is openai: have its provider embed the queries,"
                                + " or name a job with onnx");
    }

    @Test
    void whatAJobMayNotHaveAnEndpointMayNotHaveEither() {
        Tenancy nothing =
                OperatorSettings.from(TestingOperator.environment("search")).tenancy();
        EmbeddingEndpoint endpoint = TestingEndpoint.with("""
                embedder: {onnx: {model: {huggingFace: {repository: org/model}}}}
                template: {serviceAccountName: deployer, labels: {app: payments}}
                """);

        assertThatThrownBy(() -> TenancyCheck.check(endpoint, own(endpoint), nothing))
                .isInstanceOf(SpecificationProblem.class)
                .hasMessageContaining("spec.template.serviceAccountName is deployer")
                .hasMessageContaining("spec.template.labels has app")
                .hasMessageContaining("spec.embedder.onnx.model.huggingFace is https://huggingface.co");
    }

    @Test
    void theObjectsThatItsPodsNeedAreNamedAsTheManifestsNameThem() {
        assertThat(NamedObjects.of(
                        ServedModel.of(WIKI), TestingEndpoint.ofWiki().getSpec().template()))
                .extracting(NamedObjects.NamedObject::name, NamedObjects.NamedObject::field)
                .isEqualTo(List.of(tuple("vectors", "spec.sink.pgvector.connection.secretKeyRef.name")));
    }

    private static ServedModel own(EmbeddingEndpoint endpoint) {
        return ServedModel.of(
                endpoint, ((EndpointModel.Own) endpoint.getSpec().embedder().selected()).onnx());
    }

    private static PodTemplateSpec pod(EmbeddingJob job) {
        return EndpointPod.template(TestingEndpoint.ofWiki(), ServedModel.of(job), TestingImages.IMAGES);
    }

    private static Deployment deployment(EmbeddingEndpoint endpoint) {
        return EndpointDeployment.desired(endpoint, ServedModel.of(WIKI), TestingImages.IMAGES);
    }

    private static Container container(PodTemplateSpec pod) {
        return pod.getSpec().getContainers().getFirst();
    }
}
