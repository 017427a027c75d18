package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.KubernetesNode;
import io.embeddingoperator.e2e.testing.Checkout;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The jobs on which the health checks of examples/gitops are tried are such as the operator leaves them: jobs are led through
 * all of these states, and their form is compared with what was recorded. {@code -De2e.record=true} records them anew.
 */
class RecordedStatusIT {
    private static final boolean RECORDS = Boolean.getBoolean("e2e.record");
    private static final Path RECORDED = Checkout.file("examples/gitops/argocd/testdata");

    /** What differs from run to run. */
    private static final Set<String> NUMBERS = Set.of("embedded", "skipped", "percent", "chunks", "tokens", "costUsd");

    /** There in one moment and not in the next. */
    private static final Set<String> FLEETING = Set.of("tokensPerSecond", "estimatedCompletionTime");

    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void isAsTheOperatorWritesIt() {
        TestingJob job = TestingJob.prepareWithoutSecret(cluster, 2_000);
        cluster.stopOperator();
        try {
            job.apply(manifest -> manifest.replace("shards: 4", "shards: 2"));
            assertRecorded("no-status", job, "kind: EmbeddingJob");
            // The operator writes no such status, and the API server accepts it from another client.
            cluster.kubectl()
                    .run(
                            "patch",
                            "embeddingjob",
                            job.name(),
                            "-n",
                            job.namespace(),
                            "--subresource=status",
                            "--type=merge",
                            "-p",
                            "{\"status\": {\"observedGeneration\": 1}}");
            assertRecorded("no-conditions", job, "observedGeneration: 1");
        } finally {
            cluster.startOperator();
        }
        assertRecorded("waiting-for-secret", job, "shards 0 and 1 wait");

        job.giveSecret("uri");
        job.await("the first window", seen -> embedded(seen) > 0);
        try (TestingDatabase.Hold _ = job.database().hold("documents")) {
            assertRecorded("progressing", job, "2 of 2 shards at work, 0 done");
            job.patch("{\"spec\": {\"suspend\": true}}");
            job.await("the pods to be told", seen -> seen.runningPods().isEmpty());
        }
        assertRecorded("suspended", job, "nothing is done while the job is suspended");

        cluster.stopOperator();
        try {
            job.patch("{\"spec\": {\"suspend\": false}}");
            assertRecorded("stale-generation", job, "suspend: false");
        } finally {
            cluster.startOperator();
        }
        assertRecorded("healthy", job, "the run ended well");

        job.database().execute("ALTER TABLE documents RENAME COLUMN body TO elsewhere");
        job.patch("{\"spec\": {\"runNonce\": 2}}");
        assertRecorded("degraded", job, "the run failed");

        job.patch("{\"spec\": {\"suspend\": true}}");
        assertRecorded("degraded-and-suspended", job, "observedGeneration: 5");
    }

    /** Suspended is what both say, and neither was suspended by a person. */
    @Test
    void isAsTheOperatorWritesItOfJobsThatNoPersonSuspended() {
        TestingJob queued = TestingJob.prepare(cluster, 10);
        queued.apply(manifest ->
                manifest.replace("metadata: {", "metadata: {labels: {kueue.x-k8s.io/queue-name: embeddings}, "));
        assertRecorded("queued", queued, "the run waits for its turn");

        TestingJob outOfMoney = TestingJob.prepare(cluster, 2_000);
        outOfMoney.giveOpenAiKey();
        try (OpenAiSimulator openai =
                OpenAiSimulator.start(SimulatorSettings.defaults().withAddress(KubernetesNode.GATEWAY))) {
            outOfMoney.apply(manifest -> TestingJob.throughOpenAi(manifest, openai.baseUri(), "Realtime")
                            .replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1")
                    + "  budget: {maxCostUsd: \"20.00\"}\n");
            assertRecorded("budget-exhausted", outOfMoney, "nothing is done while the job is suspended");
        }
    }

    /** Waits until the job's YAML holds some words, and compares it. */
    private void assertRecorded(String name, TestingJob job, String words) {
        Path file = RECORDED.resolve(name + ".yaml");
        AtomicReference<String> now = new AtomicReference<>();
        job.await(name, _ -> {
            now.set(asOthersSeeIt(job));
            return now.get().contains(words);
        });
        try {
            if (RECORDS) {
                Files.writeString(file, now.get());
            }
            assertThat(form(now.get()))
                    .as("the form of %s: -De2e.record=true records it anew", file)
                    .isEqualTo(form(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without what only this cluster knows it by. */
    private String asOthersSeeIt(TestingJob job) {
        String yaml = cluster.kubectl().run("get", "embeddingjob", job.name(), "-n", job.namespace(), "-o", "yaml");
        return yaml.replaceAll("(?m)^  (creationTimestamp|resourceVersion|uid): .*\n", "")
                        .replaceAll("\\b" + job.namespace() + "\\b", "search")
                        .replaceAll("\\b" + job.name() + "\\b", "articles")
                        .replaceAll("http://[0-9.]+:[0-9]+", "http://openai")
                + "\n";
    }

    /** What the health checks look at: the spec is the user's. */
    private static Object form(String yaml) {
        Map<?, ?> object = YAML.unmarshal(yaml, Map.class);
        return List.of(
                form(object.get("metadata"), ""), form(Objects.requireNonNullElse(object.get("status"), ""), ""));
    }

    private static Object form(Object value, String field) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> fields = new TreeMap<>();
                map.forEach((key, inner) -> fields.put(key.toString(), form(inner, key.toString())));
                fields.keySet().removeAll(FLEETING);
                yield fields;
            }
            case List<?> list -> list.stream().map(item -> form(item, field)).toList();
            case String text when field.endsWith("Time") -> "a time";
            case String text when field.equals("message") -> text.replaceAll("[0-9][0-9,]*([.][0-9]+)?", "#");
            case Object _ when NUMBERS.contains(field) -> "a number";
            default -> value;
        };
    }

    private static long embedded(TestingJob job) {
        Long embedded = job.status().documents().embedded();
        return embedded == null ? 0 : embedded;
    }
}
