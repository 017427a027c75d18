package io.embeddingoperator.operator.reconcile;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.embeddingoperator.operator.desired.BatchFinalizer;
import io.embeddingoperator.operator.event.JobEvents;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingKubelet;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.embeddingoperator.operator.testing.TestingPods;
import io.embeddingoperator.operator.testing.TestingProgressBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of jobs that may have batches at work, on a real control plane whose pods the test plays. */
class DeletionIT {
    private static final TestingCluster CLUSTER = TestingCluster.shared();
    private static final KubernetesClient CLIENT = CLUSTER.client();
    private static final String OPENAI = """
            embedder:
              onnx: null
              openai: {model: text-embedding-3-small, dimensions: 1536, mode: %s, apiKey: {secretKeyRef: {name: openai, key: key}}}
            sharding: {shards: %d, parallelism: 1}
            suspend: %s
            """;

    private final String namespace = CLUSTER.newNamespace();
    private final TestingPods pods = new TestingPods(CLIENT, namespace);
    private final TestingKubelet kubelet = new TestingKubelet(CLIENT, namespace);
    private TestingOperator operator;

    @AfterEach
    void stop() {
        operator.close();
        assertThat(operator.fatalErrors()).isEmpty();
    }

    @Test
    void batchesAreCancelledAfterThePodsHaveGoneAndBeforeTheJobGoes() {
        startOperator("600");
        create("Auto", false);
        Pod runner = kubelet.awaitPods("wiki-1", 1).getFirst();
        kubelet.start(runner);
        assertThat(job().getMetadata().getFinalizers()).containsExactly(BatchFinalizer.NAME);

        // when
        CLIENT.resource(job()).delete();

        // then the pod ends first
        eventually(() -> assertThat(CLIENT.resource(runner).get().getMetadata().getDeletionTimestamp())
                .isNotNull());
        assertThat(cancelJob().get().getSpec().getSuspend()).isTrue();
        eventually(() -> assertThat(word()).isEqualTo("Deleting"));
        kubelet.endDeleted(runner, 143);

        // and then another one cancels
        Pod canceller = kubelet.awaitPods("wiki-cancel", 1).getFirst();
        assertThat(canceller.getSpec().getContainers().getFirst().getArgs()).startsWith("cancel");
        assertThat(job("wiki-1").get()).isNull();
        assertThat(CLIENT.configMaps()
                        .inNamespace(namespace)
                        .withName("wiki-cancel")
                        .get()
                        .getData()
                        .get("embeddingjob.yaml"))
                .contains("text-embedding-3-small");
        kubelet.start(canceller);
        assertThat(job()).isNotNull();
        kubelet.end(canceller, 0);

        assertEverythingGoes();
        assertThat(events()).doesNotContain("BatchesNotCancelled");
    }

    @Test
    void aDeletionInTheForegroundCancelsAsWell() {
        startOperator("600");
        create("Batch", false);
        Pod runner = kubelet.awaitPods("wiki-1", 1).getFirst();
        kubelet.start(runner);

        CLIENT.resource(job())
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .delete();
        eventually(() -> assertThat(CLIENT.resource(runner).get().getMetadata().getDeletionTimestamp())
                .isNotNull());
        kubelet.endDeleted(runner, 143);
        Pod canceller = kubelet.awaitPods("wiki-cancel", 1).getFirst();
        kubelet.start(canceller);
        kubelet.end(canceller, 0);

        assertEverythingGoes();
    }

    @Test
    void aSuspendedRunWhoseBatchesAreAtWorkIsRemembered() {
        startOperator("600");
        suspendWithBatchesAtWork();

        CLIENT.resource(job()).delete();

        Pod canceller = kubelet.awaitPods("wiki-cancel", 1).getFirst();
        kubelet.start(canceller);
        kubelet.end(canceller, 0);
        assertEverythingGoes();
    }

    @Test
    void batchesOfARunAreCancelledAlsoWhenTheNextOneFailedBeforeItKnewOfThem() {
        startOperator("600");
        suspendWithBatchesAtWork();
        CLIENT.resource(job())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"suspend\": false, \"runNonce\": 2, \"sharding\": {\"shards\": 1}}}");
        kubelet.end(kubelet.awaitPods("wiki-2", 1).getFirst(), 64);
        eventually(() -> assertThat(word()).isEqualTo("Failed"));

        CLIENT.resource(job()).delete();

        Pod canceller = kubelet.awaitPods("wiki-cancel", 1).getFirst();
        kubelet.start(canceller);
        kubelet.end(canceller, 0);
        assertEverythingGoes();
    }

    @Test
    void theDeletionOfAJobThatNamesNoKeyAnyMoreIsWarnedOf() {
        startOperator("600");
        suspendWithBatchesAtWork();
        CLIENT.resource(job())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"suspend\": false, \"runNonce\": 2, \"sharding\": {\"shards\": 1}, \"embedder\":"
                                + " {\"openai\": null, \"onnx\": {\"model\": {\"bundled\": \"all-minilm-l6-v2\"}}}}}");
        pods.succeed(
                kubelet.awaitPods("wiki-2", 1).getFirst(),
                new TestingProgressBuilder()
                        .job(namespace + "/wiki")
                        .run(2)
                        .phase(Progress.Phase.Complete)
                        .sink(1, 1)
                        .build());
        eventually(() -> assertThat(word()).isEqualTo("Complete"));
        assertThat(job().getMetadata().getFinalizers()).containsExactly(BatchFinalizer.NAME);

        CLIENT.resource(job()).delete();

        eventually(() -> {
            assertThat(job()).isNull();
            assertThat(events()).contains("BatchesNotCancelled");
        });
    }

    @Test
    void aConfigMapOfAnotherOwnerIsLeftAlone() {
        startOperator("600");
        ConfigMap foreign = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("wiki-cancel")
                .withNamespace(namespace)
                .endMetadata()
                .withData(Map.of("mine", "precious"))
                .build();
        CLIENT.resource(foreign).create();
        suspendWithBatchesAtWork();

        // when
        CLIENT.resource(job()).delete();

        // then it is said, and nothing is done
        eventually(() -> {
            assertThat(word()).isEqualTo("Blocked");
            assertThat(job().getStatus().conditions().getFirst().getMessage())
                    .isEqualTo("a ConfigMap wiki-cancel exists that is not of this EmbeddingJob: delete it, so that the"
                            + " batches can be cancelled");
        });
        assertThat(cancelJob().get().getSpec().getSuspend()).isTrue();
        assertThat(CLIENT.resource(foreign).get().getData()).isEqualTo(Map.of("mine", "precious"));
        assertThat(CLIENT.resource(foreign).get().getMetadata().getOwnerReferences())
                .isEmpty();

        // and when it is gone
        CLIENT.resource(foreign).delete();
        Pod canceller = kubelet.awaitPods("wiki-cancel", 1).getFirst();
        kubelet.start(canceller);
        kubelet.end(canceller, 0);
        assertEverythingGoes();
    }

    @Test
    void itGoesWithAWarningWhenNoPodCancelsInTime() {
        startOperator("15");
        create("Auto", false);
        kubelet.start(kubelet.awaitPods("wiki-1", 1).getFirst());

        CLIENT.resource(job()).delete();

        eventually(Duration.ofSeconds(60), () -> {
            assertThat(job()).isNull();
            assertThat(events()).contains("BatchesNotCancelled");
        });
        eventually(() -> assertThat(cancelJob().get()).isNull());
    }

    @Test
    void aRunThatNeverHadAPodGoesAtOnce() {
        startOperator("600");
        create("Auto", true);
        eventually(() -> assertThat(word()).isEqualTo("Suspended"));
        assertThat(job().getMetadata().getFinalizers()).isEmpty();

        CLIENT.resource(job()).delete();

        eventually(() -> assertThat(job()).isNull());
        assertThat(cancelJob().get()).isNull();
    }

    @Test
    void aRunThatIsCompleteGoesAtOnceEvenWithoutAnOperator() {
        startOperator("600");
        create("Auto", false);
        Pod runner = kubelet.awaitPods("wiki-1", 1).getFirst();
        pods.succeed(
                runner,
                new TestingProgressBuilder()
                        .job(namespace + "/wiki")
                        .embedded(1000)
                        .phase(Progress.Phase.Complete)
                        .sink(1, 1)
                        .build());
        eventually(() -> {
            assertThat(word()).isEqualTo("Complete");
            assertThat(job().getMetadata().getFinalizers()).isEmpty();
        });
        operator.close();

        CLIENT.resource(job()).delete();

        eventually(() -> assertThat(job()).isNull());
    }

    @Test
    void jobsThatCanHaveNoBatchesAreNotHeld() {
        startOperator("600");
        create("Realtime", false);
        kubelet.awaitPods("wiki-1", 1);
        assertThat(job().getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void aNamespaceThatGoesIsNotHeldUp() {
        startOperator("600");
        suspendWithBatchesAtWork();

        CLIENT.namespaces().withName(namespace).delete();

        eventually(Duration.ofSeconds(60), () -> assertThat(job()).isNull());
        assertThat(cancelJob().get()).isNull();
    }

    /** One of two shards is done: Kubernetes keeps a pod that failed for as long as no other one has taken its place. */
    private void suspendWithBatchesAtWork() {
        create("Batch", 2, false);
        pods.succeed(
                kubelet.awaitPods("wiki-1", 1).getFirst(),
                new TestingProgressBuilder()
                        .job(namespace + "/wiki")
                        .phase(Progress.Phase.Complete)
                        .sink(1, 1)
                        .batches(new Progress.Batches(2, 1, 1, 0))
                        .build());
        eventually(() -> assertThat(job().getStatus().batches()).isNotNull());
        CLIENT.resource(job()).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"suspend\": true}}");
        eventually(() -> assertThat(word()).isEqualTo("Suspended"));
    }

    private void assertEverythingGoes() {
        eventually(Duration.ofSeconds(90), () -> {
            assertThat(job()).isNull();
            assertThat(cancelJob().get()).isNull();
            assertThat(pods.all("wiki")).isEmpty();
            assertThat(CLIENT.configMaps().inNamespace(namespace).list().getItems())
                    .extracting(configMap -> configMap.getMetadata().getName())
                    .doesNotContain("wiki-1", "wiki-cancel");
        });
    }

    private void startOperator(String cancelTimeoutSeconds) {
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put(OperatorVariable.CANCEL_TIMEOUT_SECONDS, cancelTimeoutSeconds);
        operator = TestingOperator.start(CLUSTER.controlPlane().kubeconfig(), environment);
    }

    private void create(String mode, boolean suspend) {
        create(mode, 1, suspend);
    }

    private void create(String mode, int shards, boolean suspend) {
        EmbeddingJob manifest = TestingManifest.wiki("metadata: {uid: null, generation: null}\nspec:\n"
                + OPENAI.formatted(mode, shards, suspend).indent(2));
        manifest.getMetadata().setNamespace(namespace);
        CLIENT.resource(manifest).create();
    }

    private EmbeddingJob job() {
        return CLIENT.resources(EmbeddingJob.class)
                .inNamespace(namespace)
                .withName("wiki")
                .get();
    }

    private String word() {
        return job().getStatus().conditions().getFirst().getReason();
    }

    private Resource<Job> job(String name) {
        return CLIENT.batch().v1().jobs().inNamespace(namespace).withName(name);
    }

    private Resource<Job> cancelJob() {
        return job("wiki-cancel");
    }

    private List<String> events() {
        return CLIENT.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> JobEvents.CONTROLLER.equals(event.getReportingController()))
                .map(event -> event.getReason())
                .toList();
    }
}
