package io.embeddingoperator.bench.scale;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.bench.scale.SeenJobs.SeenJob;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A cluster with nodes that are played and the operator beside it, and what is done to them. */
final class Scene implements AutoCloseable {
    /** What people ask of the API server at the same time. */
    private static final int PEOPLE = 32;

    private final KubernetesClient client;
    private final AuditLog audit;
    private final SimulatedNodes nodes;
    private final SeenJobs seen;
    private final Installation installation;
    private final Path launcher;
    private final String operatorAddress;
    private final Path operatorLog;

    private @Nullable OperatorProcess operator;

    Scene(
            KubernetesClient client,
            AuditLog audit,
            SimulatedNodes nodes,
            SeenJobs seen,
            Installation installation,
            Path launcher,
            String operatorAddress,
            Path operatorLog) {
        this.client = client;
        this.audit = audit;
        this.nodes = nodes;
        this.seen = seen;
        this.installation = installation;
        this.launcher = launcher;
        this.operatorAddress = operatorAddress;
        this.operatorLog = operatorLog;
    }

    KubernetesClient client() {
        return client;
    }

    AuditLog audit() {
        return audit;
    }

    SimulatedNodes nodes() {
        return nodes;
    }

    OperatorProcess operator() {
        return Objects.requireNonNull(operator, "startOperator() comes first");
    }

    /** Returns when it is ready. */
    void startOperator() {
        Map<String, String> environment = new HashMap<>(installation.environment());
        environment.put("OPERATOR_HTTP_ADDRESS", operatorAddress);
        operator = OperatorProcess.start(launcher, environment, operatorAddress, operatorLog);
        operator.awaitReady();
    }

    /** As Kubernetes does it; nothing happens when none runs. */
    @Override
    public void close() {
        if (operator != null) {
            operator.close();
            operator = null;
        }
    }

    /** Many EmbeddingJobs as fast as the API server takes them, in a namespace of their own. */
    List<SeenJob> createJobs(String namespace, int count, int shards) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        client.serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .waitUntilCondition(Objects::nonNull, 60, TimeUnit.SECONDS);
        try (ExecutorService people = Executors.newFixedThreadPool(PEOPLE)) {
            List<Future<SeenJob>> creations = new ArrayList<>();
            for (int number = 1; number <= count; number++) {
                EmbeddingJob manifest = client.getKubernetesSerialization()
                        .unmarshal(manifest(namespace, "job-%04d".formatted(number), shards), EmbeddingJob.class);
                creations.add(people.submit(() -> {
                    SeenJob created =
                            seen.created(namespace, manifest.getMetadata().getName());
                    client.resource(manifest).create();
                    return created;
                }));
            }
            List<SeenJob> created = new ArrayList<>();
            for (Future<SeenJob> creation : creations) {
                created.add(creation.get());
            }
            return created;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an EmbeddingJob could not be created: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Processor time of the processes of the control plane, by the name of their program. */
    static Map<String, Duration> cpuOfPrograms() {
        Map<String, Duration> cpu = new HashMap<>();
        ProcessHandle.current()
                .children()
                .forEach(process -> process.info()
                        .command()
                        .map(command -> Path.of(command).getFileName().toString())
                        .filter(name -> name.startsWith("kube-") || name.equals("etcd"))
                        .ifPresent(name -> cpu.merge(
                                name, process.info().totalCpuDuration().orElse(Duration.ZERO), Duration::plus)));
        ProcessHandle.current().info().totalCpuDuration().ifPresent(own -> cpu.put("the benchmark", own));
        return cpu;
    }

    private static String manifest(String namespace, String name, int shards) {
        return """
                apiVersion: embedding-operator.io/v1alpha1
                kind: EmbeddingJob
                metadata: {name: %s, namespace: %s}
                spec:
                  source:
                    postgres:
                      connection: {secretKeyRef: {name: source, key: uri}}
                      table: public.documentation
                      keyColumn: id
                      textColumns: [title, body]
                      metadataColumns: [chapter]
                  embedder:
                    onnx:
                      model: {bundled: all-minilm-l6-v2}
                  sink:
                    pgvector:
                      connection: {secretKeyRef: {name: sink, key: uri}}
                      table: public.documentation_embeddings
                  sharding: {shards: %d, parallelism: %d}
                """.formatted(name, namespace, shards, shards);
    }
}
