package io.embeddingoperator.cluster.controlplane;

import io.embeddingoperator.cluster.KubernetesPrograms;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Control planes for tests. One is shared by all tests of a JVM; each test takes a namespace of its own in it. */
public final class TestingControlPlane {
    public static final Path PROGRAMS = KubernetesPrograms.folder();

    private static ControlPlane shared;
    private static int namespaces;

    private TestingControlPlane() {}

    /** The control plane that all tests of this JVM share; stopped and deleted when the JVM ends. */
    public static synchronized ControlPlane shared() {
        if (shared == null) {
            Path folder = temporaryFolder();
            ControlPlane started = ControlPlane.start(PROGRAMS, folder);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                started.close();
                delete(folder);
            }));
            shared = started;
        }
        return shared;
    }

    /** A new namespace of the shared control plane that enforces the pod security standard "restricted". */
    public static synchronized String newNamespace() {
        String name = "test-" + ++namespaces;
        shared().client()
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        shared().client()
                .serviceAccounts()
                .inNamespace(name)
                .withName("default")
                .waitUntilCondition(Objects::nonNull, 30, TimeUnit.SECONDS);
        return name;
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("embedding-operator-control-plane");
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
