package io.embeddingoperator.operator.testing;

import io.embeddingoperator.cluster.KubernetesPrograms;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A real control plane that all tests of this JVM share; each test takes a namespace of its own in it. */
public final class TestingCluster {
    private static ControlPlane shared;
    private static int namespaces;

    private TestingCluster() {}

    /** The control plane, without a node; stopped and deleted when the JVM ends. */
    public static synchronized ControlPlane shared() {
        if (shared == null) {
            Path folder = temporaryFolder();
            ControlPlane started = ControlPlane.start(KubernetesPrograms.folder(), folder);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                started.close();
                delete(folder);
            }));
            shared = started;
        }
        return shared;
    }

    /** A client that may do everything. */
    public static KubernetesClient client() {
        return shared().client();
    }

    /** A new namespace that takes only pods of the Pod Security Standard {@code restricted}. */
    public static synchronized String newNamespace() {
        String name = "test-" + ++namespaces;
        client().namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        client().serviceAccounts()
                .inNamespace(name)
                .withName("default")
                .waitUntilCondition(Objects::nonNull, 30, TimeUnit.SECONDS);
        return name;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("embedding-operator-cluster");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
