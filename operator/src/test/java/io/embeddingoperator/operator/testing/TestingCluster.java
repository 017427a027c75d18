package io.embeddingoperator.operator.testing;

import io.embeddingoperator.cluster.KubernetesPrograms;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real control plane that knows the kinds of the API. It has no node: a test plays the pods, see {@link TestingPods}. */
public final class TestingCluster implements AutoCloseable {
    private static final List<String> CRDS = List.of(
            "/META-INF/fabric8/embeddingjobs.embedding-operator.io-v1.yml",
            "/META-INF/fabric8/embeddingendpoints.embedding-operator.io-v1.yml");

    private static TestingCluster shared;

    private final ControlPlane controlPlane;
    private final Path folder;
    private final AtomicInteger namespaces = new AtomicInteger();

    private TestingCluster(ControlPlane controlPlane, Path folder) {
        this.controlPlane = controlPlane;
        this.folder = folder;
    }

    /** One for all tests of this JVM that do it no harm; each takes a namespace of its own. */
    public static synchronized TestingCluster shared() {
        if (shared == null) {
            shared = start();
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /** One of its own for a test that breaks it. */
    public static TestingCluster start() {
        Path folder = temporaryFolder();
        TestingCluster cluster = new TestingCluster(ControlPlane.start(KubernetesPrograms.folder(), folder), folder);
        CRDS.forEach(cluster::install);
        return cluster;
    }

    public ControlPlane controlPlane() {
        return controlPlane;
    }

    /** With the rights of an administrator. */
    public KubernetesClient client() {
        return controlPlane.client();
    }

    /** A new namespace that enforces the pod security standard "restricted". */
    public String newNamespace() {
        String name = "test-" + namespaces.incrementAndGet();
        client().resource(new NamespaceBuilder()
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

    @Override
    public void close() {
        controlPlane.close();
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void install(String file) {
        try (InputStream yaml = TestingCluster.class.getResourceAsStream(file)) {
            CustomResourceDefinition crd =
                    client().getKubernetesSerialization().unmarshal(yaml, CustomResourceDefinition.class);
            client().resource(crd).create();
            client().resource(crd).waitUntilCondition(TestingCluster::isEstablished, 30, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEstablished(CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("embedding-operator-cluster");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
