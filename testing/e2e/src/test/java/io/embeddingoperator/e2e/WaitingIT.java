package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.e2e.testing.UndisturbedRun;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A job waits for something that only a person can bring, says what it is, and goes on when it is there. */
class WaitingIT {
    private static final UnaryOperator<String> TWO_SHARDS = manifest -> manifest.replace("shards: 4", "shards: 2");

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void forASecretAndThenForItsKey() {
        TestingJob job = TestingJob.prepareWithoutSecret(cluster, 200).apply(TWO_SHARDS);

        // then
        awaitBoth(job, "MissingSecret");
        assertThat(job.sentence())
                .isEqualTo("shards 0 and 1 wait: Secret database does not exist in namespace %s:"
                                .formatted(job.namespace())
                        + " create it with the key uri, and the pods start by themselves");
        assertIsPatient(job);

        // when a person creates the Secret, with another key
        job.giveSecret("url");

        // then
        awaitBoth(job, "MissingSecretKey");
        assertThat(job.sentence())
                .isEqualTo("shards 0 and 1 wait: Secret database in namespace %s has no key uri:"
                                .formatted(job.namespace())
                        + " add it, and the pods start by themselves");
        assertIsPatient(job);

        // and when the key is there
        job.giveSecret("uri");

        // then
        assertWentWell(job, 200);
        assertThat(job.job(1).getStatus().getFailed()).isNull();
        assertThat(job.eventsByReason())
                .containsEntry("MissingSecret", 1L)
                .containsEntry("MissingSecretKey", 1L)
                .containsEntry("Complete", 1L);
    }

    @Test
    void forAnImageUntilAnotherOneIsNamed() {
        // given a job whose image no node has
        TestingJob job = TestingJob.prepare(cluster, 200)
                .apply(manifest -> TWO_SHARDS
                        .apply(manifest)
                        .replace("maxTokens: 32\n  sink", "maxTokens: 32\n      device: CUDA\n  sink"));

        // then
        awaitBoth(job, "ImagePull");
        assertThat(job.sentence())
                .startsWith("shards 0 and 1 wait: image ghcr.io/embedding-operator/runner-cuda:")
                .contains("cannot be pulled: check its name and the pull secrets; it is tried again")
                .contains("not found");
        assertIsPatient(job);

        // when another run asks for a model whose image no node has
        job.patch("""
                {"spec": {"runNonce": 2, "embedder": {"onnx": {
                    "device": "CPU", "model": {"bundled": null, "image": {"reference": "example.org/models/none:1"}}}}}}""");
        job.await("run 2", seen -> seen.status().run() == 2);
        awaitBoth(job, "ImagePull");

        // then it is the model's image that is named
        assertThat(job.sentence()).startsWith("shards 0 and 1 wait: image example.org/models/none:1 cannot be pulled");

        // and when the image is corrected
        job.patch("""
                {"spec": {"runNonce": 3, "embedder": {"onnx": {
                    "model": {"bundled": "all-minilm-l6-v2", "image": null}}}}}""");

        // then
        job.await("run 3", seen -> seen.status().run() == 3);
        assertWentWell(job, 200);
        assertThat(job.jobs())
                .singleElement()
                .satisfies(only -> assertThat(only.getMetadata().getName()).isEqualTo("proof-3"));
        assertThat(job.eventsByReason()).containsEntry("ImagePull", 2L).containsEntry("Complete", 1L);
    }

    @Test
    void forAGpuAndSharesTheOnlyOne() {
        // given
        TestingJob job = TestingJob.prepare(cluster, 200)
                .apply(manifest -> TWO_SHARDS
                        .apply(manifest)
                        .replace("requests: {cpu: 100m", "limits: {nvidia.com/gpu: 1}, requests: {cpu: 100m"));

        // then
        awaitBoth(job, "Unschedulable");
        assertThat(job.sentence())
                .startsWith("shards 0 and 1 wait: no node has 1 nvidia.com/gpu free: add nodes that have it")
                .contains("Insufficient nvidia.com/gpu");
        assertIsPatient(job);

        // when a node with one GPU joins
        KubernetesNode node = cluster.addGpuNode("node-with-gpu", 1);
        try {
            // then the shards have it one after the other
            job.await("a pod on it", seen -> !seen.runningPods().isEmpty());
            assertThat(job.runningPods()).singleElement().satisfies(pod -> {
                assertThat(pod.getSpec().getNodeName()).isEqualTo(node.name());
                assertThat(pod.getSpec().getContainers().getFirst().getImage()).contains("/runner-cuda:");
            });
            assertWentWell(job, 200);
            assertThat(job.pods())
                    .hasSize(2)
                    .allSatisfy(pod -> assertThat(pod.getSpec().getNodeName()).isEqualTo(node.name()));
            assertThat(job.eventsByReason()).containsKey("Unschedulable").containsEntry("Complete", 1L);
        } finally {
            cluster.removeGpuNode(node);
        }
    }

    /** The two shards may come into trouble one after the other. */
    private static void awaitBoth(TestingJob job, String word) {
        job.await(
                word + " of both shards",
                seen -> word.equals(seen.word()) && seen.sentence().startsWith("shards 0 and 1 wait: "));
    }

    /** Nothing has failed, and nothing is given up: a client that waits by kstatus goes on waiting. */
    private static void assertIsPatient(TestingJob job) {
        assertThat(job.condition("Reconciling").getStatus()).isEqualTo("True");
        assertThat(job.condition("Stalled").getStatus()).isEqualTo("False");
        assertThat(job.condition("Failed").getStatus()).isEqualTo("False");
        assertThat(job.runningPods()).isEmpty();
    }

    private static void assertWentWell(TestingJob job, int documents) {
        job.awaitComplete();
        job.assertEveryDocumentOnce();
        assertThat(job.rows()).isEqualTo(UndisturbedRun.rows(documents));
        assertThat(job.status().documents().embedded()).isEqualTo(documents);
        assertThat(job.status().documents().failed()).isZero();
        assertThat(job.status().shards().succeeded()).isEqualTo(2);
    }
}
