package io.embeddingoperator.cluster.controlplane;

import static io.embeddingoperator.cluster.controlplane.TestingControlPlane.PROGRAMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts, crashes and ends of a control plane. */
class ControlPlaneLifeIT {
    @TempDir
    private Path folder;

    @Test
    void everythingIsThereAfterCrashesAndASecondStart() {
        String address;
        Path admin;
        try (ControlPlane first = ControlPlane.start(PROGRAMS, folder)) {
            KubernetesClient client = first.client();
            assertThat(servers()).hasSize(4);
            client.resource(remembered()).create();

            first.killApiServer();
            assertThatThrownBy(() -> impatient(first.kubeconfig()))
                    .hasStackTraceContaining("java.net.ConnectException");
            first.restartApiServer();
            assertRemembered(client);

            first.restartApiServer();
            assertRemembered(client);
            admin = first.kubeconfig();
            address = client.getConfiguration().getMasterUrl();
            first.kubeconfigForServiceAccount("default", "default");
        }

        assertThat(servers()).isEmpty();

        try (ControlPlane second = ControlPlane.start(PROGRAMS, folder)) {
            assertRemembered(second.client());
            assertThat(second.client().getConfiguration().getMasterUrl()).isEqualTo(address);
            assertThat(second.kubeconfig()).isEqualTo(admin);
            assertThatThrownBy(() -> impatient(folder.resolve("kubeconfig/system_serviceaccount_default_default.yaml")))
                    .hasMessageContaining("system:serviceaccount:default:default\" cannot get");
            assertThatThrownBy(() -> ControlPlane.start(PROGRAMS, folder))
                    .hasMessage("a control plane is running in %s: close it or choose another folder", folder);
        }
    }

    @Test
    void writesDownTheRequestsThatAPolicyAsksFor() throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules:
                  - {level: Metadata, users: [visitor]}
                  - {level: None}
                """);
        ControlPlaneSettings settings = ControlPlaneSettings.quick().withAudit(policy);

        try (ControlPlane controlPlane = ControlPlane.start(PROGRAMS, folder.resolve("cluster"), settings)) {
            assertThatThrownBy(() -> impatient(controlPlane.kubeconfigFor("visitor", List.of())))
                    .hasMessageContaining("User \"visitor\" cannot get");

            assertThat(Files.readAllLines(controlPlane.auditLog()))
                    .singleElement()
                    .asString()
                    .contains("\"username\":\"visitor\"", "\"code\":403");
        }
    }

    @Test
    void twoOfThemKnowNothingOfEachOther() {
        KubernetesClient other = TestingControlPlane.shared().client();
        String namespace = TestingControlPlane.newNamespace();

        try (ControlPlane controlPlane = ControlPlane.start(PROGRAMS, folder)) {
            assertThat(other.namespaces().withName(namespace).get()).isNotNull();
            assertThat(controlPlane.client().namespaces().withName(namespace).get())
                    .isNull();
            assertThatThrownBy(() -> foreign(controlPlane.kubeconfig(), other)).hasStackTraceContaining("PKIX path");
        }
        assertThat(other.namespaces().withName(namespace).get()).isNotNull();
    }

    @Test
    void aFolderWithoutTheProgramsIsRefused() {
        assertThatThrownBy(() -> ControlPlane.start(folder, folder))
                .hasMessage("%s has no program etcd: give the folder that dev/kubernetes ensure prints", folder);
    }

    @Test
    void whatAServerSaidBeforeItEndedIsInTheException() throws IOException {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (String name : List.of("kube-apiserver", "kube-controller-manager", "kube-scheduler")) {
            Files.createSymbolicLink(programs.resolve(name), PROGRAMS.resolve(name));
        }
        Files.createFile(
                programs.resolve("etcd"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(programs.resolve("etcd"), "#!/bin/sh\necho the disk is on fire\nexit 1\n");

        assertThatThrownBy(() -> ControlPlane.start(programs, folder))
                .hasMessageStartingWith(
                        "etcd ended before etcd listened. The last lines of " + folder.resolve("etcd.log"))
                .hasMessageEndingWith("the disk is on fire");
        assertThat(servers()).isEmpty();
    }

    /** The servers that this JVM runs in the test's folder. */
    private List<ProcessHandle> servers() {
        return ProcessHandle.current()
                .children()
                .filter(child -> folder.equals(workingFolder(child)))
                .toList();
    }

    private static Path workingFolder(ProcessHandle process) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"));
        } catch (IOException e) {
            return null; // It has ended.
        }
    }

    private static ConfigMap remembered() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("remembered")
                .withNamespace("default")
                .endMetadata()
                .addToData("key", "value")
                .build();
    }

    private static void assertRemembered(KubernetesClient client) {
        assertThat(client.resource(remembered()).get().getData()).containsEntry("key", "value");
    }

    /** Asks one server with the trust and the credentials of another. */
    private static void foreign(Path kubeconfig, KubernetesClient other) {
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setMasterUrl(other.getConfiguration().getMasterUrl());
        ask(config);
    }

    private static void impatient(Path kubeconfig) {
        ask(Config.fromKubeconfig(kubeconfig.toFile()));
    }

    private static void ask(Config config) {
        config.setRequestRetryBackoffLimit(0);
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            client.resource(remembered()).get();
        }
    }
}
