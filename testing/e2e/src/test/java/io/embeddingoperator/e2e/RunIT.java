package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.OperatorRights;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every user does: helm install, kubectl apply, wait, and look. */
class RunIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void embedsEveryDocumentOnceAndSaysSo() {
        TestingJob job = TestingJob.prepare(cluster, 2_000).apply();

        job.await("two shards at a time", seen -> seen.runningPods().size() == 2);
        job.awaitComplete();

        job.assertEveryDocumentOnce();
        assertThat(job.word()).isEqualTo("Complete");
        assertThat(job.status().documents().embedded()).isEqualTo(2_000);
        assertThat(job.status().documents().total()).isEqualTo(2_000);
        assertThat(job.status().documents().percent()).isEqualTo(100);
        assertThat(job.status().shards().succeeded()).isEqualTo(4);
        assertThat(cluster.kubectl().run("get", "ej", "-n", job.namespace()))
                .contains("STATUS", "Complete", "100", "2000");

        // and both log what they did, and no password
        assertThat(cluster.kubectl()
                        .run("logs", "-n", job.namespace(), "-l", "embedding-operator.io/job=proof", "--tail=-1"))
                .contains("port 8080 answers /progress")
                .doesNotContain(job.database().uri());
        assertThat(cluster.kubectl()
                        .run("logs", "-n", TestingCluster.OPERATOR_NAMESPACE, "deployment/embedding-operator"))
                .contains("created the Job proof-1")
                .doesNotContain(job.database().uri());
    }

    @Test
    void theOperatorUsesEachRightThatItHas() {
        // given a job with batches at the provider, another run of it, and strangers' objects of the names of that
        // run's
        try (OpenAiSimulator openai = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withAddress(KubernetesNode.GATEWAY)
                .withTiming(new BatchTiming(
                        Duration.ofSeconds(1), Duration.ofHours(5), Duration.ofSeconds(1), Duration.ofSeconds(1))))) {
            TestingJob job = TestingJob.prepare(cluster, 100);
            job.giveOpenAiKey();
            job.apply(manifest -> TestingJob.throughOpenAi(manifest, openai.baseUri(), "Batch"));
            job.await("batches at work", seen -> "BatchesPending".equals(seen.word()));
            kubectl(job, "create", "configmap", "proof-2");
            kubectl(job, "create", "job", "proof-2", "--image=none");
            job.patch("{\"spec\": {\"runNonce\": 2}}");
            for (String kind : List.of("ConfigMap", "Job")) {
                job.await("the " + kind, seen -> seen.sentence().contains("the %s proof-2 exists".formatted(kind)));
                kubectl(job, "delete", kind, "proof-2");
                // Without a change the operator looks again after half a minute.
                job.patch("{\"spec\": {\"failurePolicy\": {\"maxFailedDocuments\": %d}}}".formatted(kind.length()));
            }
            job.await(
                    "the second run's batches",
                    seen -> Integer.valueOf(2).equals(seen.status().run()) && "BatchesPending".equals(seen.word()));
            job.patch("{\"spec\": {\"failurePolicy\": {\"maxFailedDocuments\": 1}}}");
            job.await("the new limit", seen -> OperatorRights.used(cluster).contains("patch /configmaps"));
            applyAnEndpoint(job);

            // when
            job.delete();
            job.await("the end of the job", seen -> seen.current() == null);
        }

        // then what is left is asked for by an admission plugin that is not on by default, by an apply that creates,
        // which is
        // written down as a patch, and for an endpoint that cannot be read
        Set<String> unused = OperatorRights.granted(cluster);
        unused.removeAll(OperatorRights.used(cluster));
        assertThat(unused)
                .containsExactlyInAnyOrder(
                        "update embedding-operator.io/embeddingjobs/finalizers",
                        "update embedding-operator.io/embeddingendpoints/finalizers",
                        "create apps/deployments",
                        "create /services",
                        "create policy/poddisruptionbudgets",
                        "create autoscaling/horizontalpodautoscalers",
                        "get embedding-operator.io/embeddingendpoints");
    }

    /** One without pods, whose autoscaler comes and goes. */
    private void applyAnEndpoint(TestingJob job) {
        cluster.client().resource("""
                        apiVersion: embedding-operator.io/v1alpha1
                        kind: EmbeddingEndpoint
                        metadata: {name: queries, namespace: %s}
                        spec:
                          embedder: {onnx: {model: {bundled: all-minilm-l6-v2}}}
                          replicas: 0
                          scaling: {maxReplicas: 2}
                        """.formatted(job.namespace())).create();
        String autoscalers = " autoscaling/horizontalpodautoscalers";
        job.await("the autoscaler", _ -> OperatorRights.used(cluster).contains("patch" + autoscalers));
        kubectl(
                job,
                "patch",
                "ee",
                "queries",
                "--type=merge",
                "-p",
                "{\"spec\": {\"scaling\": {\"maxReplicas\": null}}}");
        job.await("the end of the autoscaler", _ -> OperatorRights.used(cluster).contains("delete" + autoscalers));
    }

    private void kubectl(TestingJob job, String... arguments) {
        cluster.kubectl()
                .run(Stream.concat(Stream.of(arguments), Stream.of("-n", job.namespace()))
                        .toArray(String[]::new));
    }
}
