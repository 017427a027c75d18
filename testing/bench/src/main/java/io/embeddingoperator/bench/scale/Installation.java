package io.embeddingoperator.bench.scale;

import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The operator as its chart installs it, with no pod of its own: CRD, service account and rights are there, and its
 * settings are read from the Deployment.
 *
 * @param environment every variable of its container
 * @param memoryLimit of its container, in bytes
 */
record Installation(Map<String, String> environment, long memoryLimit) {
    private static final String NAME = "embedding-operator";

    /** The user of the operator's requests. */
    static final String USER = "system:serviceaccount:" + NAME + ":" + NAME;

    static Installation of(Path helm, Path chart, ControlPlane controlPlane, Path folder) {
        install(helm, chart, controlPlane.kubeconfig(), folder);
        Container container = controlPlane
                .client()
                .apps()
                .deployments()
                .inNamespace(NAME)
                .withName(NAME)
                .get()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        Map<String, String> environment = new HashMap<>();
        for (EnvVar variable : container.getEnv()) {
            // The only variable that is not written out is the operator's own namespace.
            environment.put(
                    variable.getName(),
                    variable.getValueFrom() != null ? NAME : Objects.requireNonNullElse(variable.getValue(), ""));
        }
        environment.put(
                "KUBECONFIG",
                controlPlane.kubeconfigForServiceAccount(NAME, NAME).toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        long limit = Quantity.getAmountInBytes(
                        container.getResources().getLimits().get("memory"))
                .longValueExact();
        // What the JVM would see in its container.
        environment.put("EMBEDDING_OPERATOR_JAVA_OPTIONS", "-XX:MaxRAM=" + limit);
        return new Installation(Map.copyOf(environment), limit);
    }

    private static void install(Path helm, Path chart, Path kubeconfig, Path folder) {
        ProcessBuilder process = new ProcessBuilder(List.of(
                helm.toString(),
                "install",
                NAME,
                chart.toString(),
                "--namespace",
                NAME,
                "--create-namespace",
                "--set",
                "replicas=0"));
        process.environment()
                .putAll(Map.of(
                        "KUBECONFIG", kubeconfig.toString(),
                        "HELM_CACHE_HOME", folder.toString(),
                        "HELM_CONFIG_HOME", folder.toString(),
                        "HELM_DATA_HOME", folder.toString()));
        process.redirectErrorStream(true)
                .redirectOutput(folder.resolve("helm.log").toFile());
        try {
            if (process.start().waitFor() != 0) {
                throw new IllegalStateException(
                        "helm has not installed the chart: " + folder.resolve("helm.log") + " tells why");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
