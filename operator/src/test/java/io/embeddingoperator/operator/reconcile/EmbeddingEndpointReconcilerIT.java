package io.embeddingoperator.operator.reconcile;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.status.ConditionType;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.embeddingoperator.operator.testing.TestingPods;
import io.embeddingoperator.operator.testing.TestingRunner;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From manifest to pods behind a Service and back to the status, on a real control plane whose pods the test plays. */
class EmbeddingEndpointReconcilerIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();
    private static final String NAME = "wiki-queries";

    /** It looks for new kinds every half a minute. */
    private static final Duration GARBAGE_COLLECTION = Duration.ofMinutes(2);

    private final String namespace = CLUSTER.newNamespace();
    private final TestingPods pods = new TestingPods(CLIENT, namespace);
    private TestingOperator operator;

    @BeforeEach
    void start() {
        operator = TestingOperator.start(CLUSTER, namespace);
    }

    @AfterEach
    void stop() {
        operator.close();
        assertThat(operator.fatalErrors()).isEmpty();
    }

    @Test
    void anEndpointWaitsForItsJobAnswersWithItsModelAndIsScaled() {
        // when it is applied before its job
        create("embedder: {fromJob: wiki}");

        // then it waits, which is no end
        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("Blocked");
            assertThat(ready().getMessage()).contains("spec.embedder.fromJob is wiki", "has no such EmbeddingJob");
        });
        assertThat(is(ConditionType.Stalled)).isFalse();
        assertThat(is(ConditionType.Reconciling)).isTrue();

        // when the job is there
        createJob("{}");

        // then so are its objects
        eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(1));
        assertThat(child(Service.class).get().getSpec().getPorts().getFirst().getPort())
                .isEqualTo(8080);
        assertThat(child(PodDisruptionBudget.class).get()).isNotNull();
        assertThat(child(HorizontalPodAutoscaler.class).get()).isNull();
        eventually(() -> assertThat(ready().getReason()).isEqualTo("Starting"));

        try (TestingRunner answering = TestingRunner.ofAnEndpoint("wiki")) {
            // when its pod answers
            pods.run(pods.ofEndpoint(NAME).getFirst(), answering.address());

            // then the status says with what, and where
            eventually(() -> {
                assertThat(ready().getReason()).isEqualTo("Serving");
                assertThat(ready().getMessage()).isEqualTo("1 pod answers with wiki");
            });
            assertThat(is(ConditionType.Ready)).isTrue();
            assertThat(is(ConditionType.Reconciling)).isFalse();
            assertThat(endpoint().get().getStatus().model()).isEqualTo(new AnsweringModel("wiki", "6fd5", 384));
            assertThat(endpoint().get().getStatus().url())
                    .isEqualTo("http://wiki-queries.%s.svc:8080/v1".formatted(namespace));

            // when it is scaled as an autoscaler does
            assertThat(endpoint().scale().getStatus().getSelector())
                    .contains("embedding-operator.io/endpoint=wiki-queries");
            endpoint().scale(3);

            // then more pods come, and the first one goes on
            eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(3));
            eventually(() -> {
                assertThat(ready().getReason()).isEqualTo("Updating");
                assertThat(ready().getMessage()).isEqualTo("1 of 3 pods answers");
                assertThat(endpoint().get().getStatus().replicas()).isEqualTo(3);
            });
            assertThat(is(ConditionType.Ready)).isTrue();
        }

        // when it is deleted, so are its objects, once the garbage collector has heard of the kind
        endpoint().delete();
        eventually(
                GARBAGE_COLLECTION,
                () -> assertThat(child(Deployment.class).get()).isNull());
        eventually(
                GARBAGE_COLLECTION, () -> assertThat(child(Service.class).get()).isNull());
    }

    @Test
    void aChangedJobBringsOtherPodsWhileTheFormerOnesAnswer() throws JsonProcessingException {
        // given
        createJob("{}");
        create("embedder: {fromJob: wiki}");
        eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(1));
        try (TestingRunner answering = TestingRunner.ofAnEndpoint("wiki")) {
            pods.run(pods.ofEndpoint(NAME).getFirst(), answering.address());
            eventually(() -> assertThat(ready().getReason()).isEqualTo("Serving"));
            String former = pods.ofEndpoint(NAME).getFirst().getMetadata().getName();

            // when
            CLIENT.resources(EmbeddingJob.class)
                    .inNamespace(namespace)
                    .withName("wiki")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            json("spec: {runNonce: 2, embedder: {onnx: {queryPrefix: 'query: '}}}"));

            // then
            eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(2));
            // They are listed by their names, which end in chance.
            assertThat(pods.ofEndpoint(NAME))
                    .anySatisfy(pod -> assertThat(pod.getMetadata().getName()).isEqualTo(former))
                    .anySatisfy(
                            pod -> assertThat(pod.getMetadata().getAnnotations().get("embedding-operator.io/manifest"))
                                    .contains("query: "));
            eventually(() -> assertThat(ready().getReason()).isEqualTo("Updating"));
            assertThat(is(ConditionType.Ready)).isTrue();
        }
    }

    @Test
    void anAutoscalerComesAndGoesWithTheMostThatTheManifestNames() throws JsonProcessingException {
        // given
        create("{embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}, scaling: {minReplicas: 2, maxReplicas: 5}}");
        eventually(() -> assertThat(child(HorizontalPodAutoscaler.class).get()).isNotNull());
        eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(2));

        // when
        edit("spec: {scaling: {maxReplicas: null}}");

        // then
        eventually(() -> assertThat(child(HorizontalPodAutoscaler.class).get()).isNull());
    }

    @Test
    void whatDoesNotBelongToItIsLeftAsItIs() {
        // given another owner's Service of its name
        CLIENT.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(NAME)
                        .endMetadata()
                        .withNewSpec()
                        .addToSelector("app", "payments")
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();

        // when
        create("embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}");

        // then
        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("Blocked");
            assertThat(ready().getMessage())
                    .contains("the Service wiki-queries exists already and does not belong to this EmbeddingEndpoint");
        });
        assertThat(child(Service.class).get().getSpec().getSelector()).containsEntry("app", "payments");
    }

    @Test
    void whatAnotherClientDeletesOrChangesComesBack() {
        // given
        create("embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}");
        eventually(() -> assertThat(child(Service.class).get()).isNotNull());

        // when
        child(Service.class).delete();
        child(Deployment.class).scale(4);

        // then
        eventually(() -> assertThat(child(Service.class).get()).isNotNull());
        eventually(() -> assertThat(child(Deployment.class).get().getSpec().getReplicas())
                .isEqualTo(1));
    }

    @Test
    void whereNothingChangesNothingIsWritten() throws InterruptedException {
        // given an endpoint whose pods answer
        create("{embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}, scaling: {maxReplicas: 2}}");
        eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(1));
        try (TestingRunner answering = TestingRunner.ofAnEndpoint("queries")) {
            pods.run(pods.ofEndpoint(NAME).getFirst(), answering.address());
            eventually(() -> assertThat(ready().getReason()).isEqualTo("Serving"));
            Thread.sleep(1_000);
            List<String> before = versions();
            int asked = answering.requests();

            // when time goes by
            Thread.sleep(3_000);

            // then no pass brings the next one; that of a controller's own last write may still come
            assertThat(versions()).isEqualTo(before);
            assertThat(answering.requests()).as("passes").isLessThan(asked + 3);
        }
    }

    /** Not of the autoscaler, to which its own controller writes. */
    private List<String> versions() {
        return Stream.of(endpoint(), child(Deployment.class), child(Service.class), child(PodDisruptionBudget.class))
                .map(object -> object.get().getMetadata().getResourceVersion())
                .toList();
    }

    @Test
    void whatCanNeverBeIsToldInASentence() throws JsonProcessingException {
        // given
        createJob(
                "{onnx: null, openai: {model: text-embedding-3-small, dimensions: 1536, apiKey: {secretKeyRef: {name: openai, key: apiKey}}}}");

        // when
        create("embedder: {fromJob: wiki}");

        // then
        eventually(() -> {
            assertThat(ready().getReason()).isEqualTo("InvalidSpecification");
            assertThat(ready().getMessage()).contains("whose embedder is openai");
        });
        assertThat(is(ConditionType.Stalled)).isTrue();

        // when the manifest is corrected
        edit("spec: {embedder: {fromJob: null, onnx: {model: {bundled: all-minilm-l6-v2}}}}");

        // then
        eventually(() -> assertThat(pods.ofEndpoint(NAME)).hasSize(1));
        eventually(() -> assertThat(is(ConditionType.Stalled)).isFalse());
    }

    private void create(String spec) {
        EmbeddingEndpoint endpoint = TestingEndpoint.with(spec);
        endpoint.getMetadata().setNamespace(namespace);
        endpoint.getMetadata().setUid(null);
        endpoint.getMetadata().setGeneration(null);
        CLIENT.resource(endpoint).create();
    }

    /** Suspended: no pod of a run is of any use here. */
    private void createJob(String embedder) {
        EmbeddingJob manifest = TestingManifest.wiki(
                "{metadata: {uid: null, generation: null}, spec: {suspend: true, embedder: %s}}".formatted(embedder));
        manifest.getMetadata().setNamespace(namespace);
        CLIENT.resource(manifest).create();
    }

    private void edit(String yamlMergePatch) throws JsonProcessingException {
        endpoint().patch(PatchContext.of(PatchType.JSON_MERGE), json(yamlMergePatch));
    }

    private static String json(String yaml) throws JsonProcessingException {
        return new YAMLMapper().readTree(yaml).toString();
    }

    private Resource<EmbeddingEndpoint> endpoint() {
        return CLIENT.resources(EmbeddingEndpoint.class).inNamespace(namespace).withName(NAME);
    }

    private <R extends HasMetadata> Resource<R> child(Class<R> type) {
        return CLIENT.resources(type).inNamespace(namespace).withName(NAME);
    }

    private Condition ready() {
        return condition(ConditionType.Ready);
    }

    private boolean is(ConditionType type) {
        return condition(type).getStatus().equals("True");
    }

    private Condition condition(ConditionType type) {
        assertThat(endpoint().get().getStatus()).isNotNull();
        return endpoint().get().getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type.name()))
                .findFirst()
                .orElseThrow();
    }
}
