package io.embeddingoperator.operator.testing;

import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.RunningOperator;
import io.embeddingoperator.operator.config.OperatorSettings;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** The operator inside of a test's JVM: as it is started by its main class, from an environment and a kubeconfig. */
public final class TestingOperator implements AutoCloseable {
    private final List<String> fatalErrors = new CopyOnWriteArrayList<>();
    private final KubernetesClient client;
    private final RunningOperator operator;

    private TestingOperator(Config config, Map<String, String> environment) {
        client = OperatorClient.create(config);
        operator = new RunningOperator(
                OperatorSettings.from(environment), client, "test_" + UUID.randomUUID(), fatalErrors::add);
    }

    /** Watches one namespace without an election, and writes numbers every second. */
    public static TestingOperator start(TestingCluster cluster, String namespace) {
        return start(cluster.controlPlane().kubeconfig(), environment(namespace));
    }

    /** @param environment see {@link #environment} and {@link OperatorVariable} */
    public static TestingOperator start(Path kubeconfig, Map<String, String> environment) {
        return start(Config.fromKubeconfig(kubeconfig.toFile()), environment);
    }

    /** @param config says with whose rights it works */
    public static TestingOperator start(Config config, Map<String, String> environment) {
        return new TestingOperator(config, environment);
    }

    /** A changeable environment of an operator that watches one namespace; its lease would be there too. */
    public static Map<String, String> environment(String namespace) {
        return new HashMap<>(Map.of(
                OperatorVariable.NAMESPACE,
                namespace,
                OperatorVariable.WATCH_NAMESPACES,
                namespace,
                OperatorVariable.LEADER_ELECTION,
                "false",
                OperatorVariable.RUNNER_IMAGE,
                TestingImages.IMAGES.runner(),
                OperatorVariable.RUNNER_CUDA_IMAGE,
                TestingImages.IMAGES.runnerCuda(),
                OperatorVariable.STATUS_INTERVAL_SECONDS,
                "1",
                OperatorVariable.HTTP_PORT,
                "0",
                OperatorVariable.ALLOWED_BASE_URLS,
                "https://api.openai.com"));
    }

    public boolean isLeading() {
        return operator.isLeading();
    }

    /** The sentences with which the operator would have ended its process; empty while it can go on. */
    public List<String> fatalErrors() {
        return List.copyOf(fatalErrors);
    }

    /** What its port answers. */
    public HttpResponse<String> get(String path) {
        URI address = URI.create("http://127.0.0.1:%d%s".formatted(operator.port(), path));
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        operator.close();
        client.close();
    }
}
