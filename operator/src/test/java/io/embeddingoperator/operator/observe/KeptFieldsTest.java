package io.embeddingoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.desired.CancelJob;
import io.embeddingoperator.operator.desired.EndpointDeployment;
import io.embeddingoperator.operator.desired.RunLabels;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.desired.ServedModel;
import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeptFieldsTest {
    private static final String MEGABYTE = "x".repeat(1 << 20);
    private static final EmbeddingJob WIKI = TestingManifest.wiki();

    private final KubernetesClient client = OperatorClient.create(
            new ConfigBuilder().withMasterUrl("http://127.0.0.1:1").build());
    private final KubernetesSerialization serialization = client.getKubernetesSerialization();

    @AfterEach
    void close() {
        client.close();
    }

    /** As the operator reads what the API server sends. */
    private <R extends HasMetadata> R read(R sent, Class<R> type) {
        return serialization.unmarshal(serialization.asJson(sent), type);
    }

    private int size(HasMetadata kept) {
        return serialization.asJson(kept).length();
    }

    private static ObjectMetaBuilder metadata() {
        return new ObjectMetaBuilder()
                .withName("junk")
                .withNamespace("search")
                .withUid("1")
                .withResourceVersion("7")
                .withLabels(RunLabels.of(WIKI))
                .addToAnnotations("junk", MEGABYTE);
    }

    private static ObjectMetaBuilder ownedByAJob() {
        return metadata()
                .addNewOwnerReference()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName("wiki-1")
                .withUid("2")
                .withController(true)
                .endOwnerReference();
    }

    @Test
    void ofAStrangersObjectsTheNameIsKept() {
        ConfigMap configMap = new ConfigMapBuilder()
                .withMetadata(metadata().build())
                .addToData("x", MEGABYTE)
                .build();
        Pod pod = new PodBuilder()
                .withMetadata(metadata().build())
                .withNewSpec()
                .addNewContainer()
                .withName("x")
                .withArgs(MEGABYTE)
                .endContainer()
                .endSpec()
                .build();
        Job job = new JobBuilder()
                .withMetadata(metadata().build())
                .withNewSpec()
                .withNewTemplate()
                .withSpec(pod.getSpec())
                .endTemplate()
                .endSpec()
                .build();

        assertIsAName(read(configMap, ConfigMap.class));
        assertIsAName(read(pod, Pod.class));
        assertIsAName(read(job, Job.class));
        assertIsAName(
                read(new DeploymentBuilder().withMetadata(metadata().build()).build(), Deployment.class));
        assertIsAName(read(new ServiceBuilder().withMetadata(metadata().build()).build(), Service.class));
        assertIsAName(read(
                new PodDisruptionBudgetBuilder()
                        .withMetadata(metadata().build())
                        .build(),
                PodDisruptionBudget.class));
        assertIsAName(read(
                new HorizontalPodAutoscalerBuilder()
                        .withMetadata(metadata().build())
                        .build(),
                HorizontalPodAutoscaler.class));
    }

    @Test
    void ofAnEndpointsDeploymentItsOwnerAndHowFarItIsAreKept() {
        Deployment written = new DeploymentBuilder(EndpointDeployment.desired(
                        TestingEndpoint.ofWiki(), ServedModel.of(WIKI), TestingImages.IMAGES))
                .editMetadata()
                .withGeneration(3L)
                .addToAnnotations("junk", MEGABYTE)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(3L)
                .withReadyReplicas(2)
                .endStatus()
                .build();

        Deployment kept = read(written, Deployment.class);

        assertThat(kept.getMetadata().getOwnerReferences())
                .isEqualTo(written.getMetadata().getOwnerReferences());
        assertThat(kept.getMetadata().getGeneration()).isEqualTo(3);
        assertThat(kept.getStatus()).isEqualTo(written.getStatus());
        assertThat(kept.getSpec()).isNull();
        assertThat(size(kept)).isLessThan(1_000);
    }

    private void assertIsAName(HasMetadata kept) {
        assertThat(size(kept)).isLessThan(200);
        assertThat(kept.getMetadata().getName()).isEqualTo("junk");
        assertThat(kept.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(kept.getMetadata().getLabels()).isEmpty();
    }

    @Test
    void ofAPodThatPretendsToBeOursLittleIsKept() {
        Pod pod = new PodBuilder()
                .withMetadata(ownedByAJob()
                        .addToLabels(RunLabels.RUN, MEGABYTE)
                        .addToAnnotations(CancelJob.OWNER, MEGABYTE)
                        .build())
                .withNewSpec()
                .addNewContainer()
                .withName("x")
                .withArgs(MEGABYTE)
                .addNewEnv()
                .withName(MEGABYTE)
                .withNewValueFrom()
                .withNewSecretKeyRef("uri", "vectors", false)
                .endValueFrom()
                .endEnv()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withMessage(MEGABYTE)
                .addNewContainerStatus()
                .withName("x")
                .withNewState()
                .withNewTerminated()
                .withMessage(MEGABYTE)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        for (int index = 0; index < 1_000; index++) {
            pod.getMetadata().getLabels().put("embedding-operator.io/junk-" + index, "x");
            pod.getMetadata()
                    .getOwnerReferences()
                    .add(pod.getMetadata().getOwnerReferences().getFirst());
        }

        assertThat(size(read(pod, Pod.class))).isLessThan(8_192);
    }

    @Test
    void ofARunnersPodEverythingIsKeptThatAStatusTellsOf() {
        Pod pod = new PodBuilder()
                .withMetadata(ownedByAJob()
                        .addToAnnotations(RunnerEndpoint.SHARD_ANNOTATION, "3")
                        .build())
                .withNewSpec()
                .withNodeName("node-2")
                .addNewContainer()
                .withName("runner")
                .addNewPort()
                .withName("http")
                .withContainerPort(8080)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.0.0.7")
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build();

        Pod kept = read(pod, Pod.class);

        assertThat(RunnerEndpoint.of(kept)).hasValueSatisfying(endpoint -> {
            assertThat(endpoint.shard()).isEqualTo(3);
            assertThat(endpoint.job()).isEqualTo("search/wiki");
        });
        assertThat(kept.getSpec().getNodeName()).isEqualTo("node-2");
        assertThat(kept.getStatus().getConditions()).isEqualTo(pod.getStatus().getConditions());
    }

    @Test
    void ofOurJobsAllButThePodsTemplateIsKept() {
        Job run = RunnerJob.desired(WIKI, TestingImages.IMAGES);
        Job cancel = CancelJob.desired(
                TestingManifest.read("files-on-gpu-under-kueue"), TestingImages.IMAGES, Duration.ofMinutes(1));

        Job kept = read(run, Job.class);

        assertThat(kept.getMetadata()).isEqualTo(run.getMetadata());
        assertThat(kept.getSpec().getCompletions()).isEqualTo(8);
        assertThat(kept.getSpec().getParallelism()).isEqualTo(2);
        assertThat(kept.getSpec().getSuspend()).isFalse();
        assertThat(kept.getSpec().getTemplate()).isNull();
        assertThat(read(cancel, Job.class).getSpec().getSuspend()).isTrue();
    }

    @Test
    void aConfigMapIsKnownByADigestOfItsData() {
        ConfigMap written = RunnerConfigMap.desired(WIKI);
        EmbeddingJob other = TestingManifest.wiki("spec: {budget: {maxCostUsd: \"7\"}}");

        ConfigMap kept = read(written, ConfigMap.class);

        assertThat(kept.getData()).isEmpty();
        assertThat(RunnerConfigMap.isCurrent(kept, WIKI)).isTrue();
        assertThat(RunnerConfigMap.isCurrent(kept, other)).isFalse();
        // and a digest that a tenant wrote is replaced
        ConfigMap forged = new ConfigMapBuilder(RunnerConfigMap.desired(other))
                .editMetadata()
                .addToAnnotations(kept.getMetadata().getAnnotations())
                .endMetadata()
                .build();
        assertThat(RunnerConfigMap.isCurrent(read(forged, ConfigMap.class), WIKI))
                .isFalse();
    }

    @Test
    void ofAnEmbeddingJobTheSpecIsKeptAndNothingThatTheOperatorDoesNotRead() {
        EmbeddingJob written = TestingManifest.wiki("metadata: {finalizers: [embedding-operator.io/cancel-batches]}");
        written.getMetadata().getAnnotations().put("kubectl.kubernetes.io/last-applied-configuration", MEGABYTE);
        written.getMetadata().getAnnotations().put("kueue.x-k8s.io/job-uid", "8");
        IntStream.range(0, 1_000)
                .forEach(index -> written.getMetadata().getLabels().put("junk-" + index, "x"));

        EmbeddingJob kept = read(written, EmbeddingJob.class);

        assertThat(kept.getSpec()).isEqualTo(written.getSpec());
        assertThat(kept.getMetadata().getFinalizers())
                .isEqualTo(written.getMetadata().getFinalizers());
        assertThat(kept.getMetadata().getAnnotations()).containsOnlyKeys("kueue.x-k8s.io/job-uid");
        assertThat(kept.getMetadata().getLabels()).isEmpty();
    }
}
