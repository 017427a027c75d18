package io.embeddingoperator.operator;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.config.OperatorVariable;
import io.embeddingoperator.operator.desired.RunLabels;
import io.embeddingoperator.operator.testing.TestingCluster;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as it ships, as a process of its own. */
class PackagedOperatorIT {
    private static final Path LAUNCHER =
            Path.of(System.getProperty("embedding.application"), "bin", "embedding-operator");

    @TempDir
    private Path folder;

    @Test
    void aWrongSettingIsNamedAndEndsIt() throws Exception {
        Map<String, String> environment = TestingOperator.environment("default");
        environment.put(OperatorVariable.STATUS_INTERVAL_SECONDS, "often");

        Process process = start(environment);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(64);
        assertThat(output())
                .isEqualTo("embedding-operator: the environment variable OPERATOR_STATUS_INTERVAL_SECONDS is \"often\":"
                        + " use a whole number\n");
    }

    @Test
    void itWorksAndLogsAndStopsInOrder() throws Exception {
        // given
        TestingCluster cluster = TestingCluster.shared();
        String namespace = cluster.newNamespace();
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put(OperatorVariable.LEADER_ELECTION, "true");
        environment.put("KUBECONFIG", cluster.controlPlane().kubeconfig().toString());
        EmbeddingJob manifest = TestingManifest.wiki("{metadata: {uid: null, generation: null}}");
        manifest.getMetadata().setNamespace(namespace);

        // when it runs
        Process process = start(environment);
        cluster.client().resource(manifest).create();

        // then it works
        eventually(() -> assertThat(cluster.client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName("wiki-1")
                        .get())
                .isNotNull());

        // and says so in lines of JSON that name the job
        ObjectMapper json = new ObjectMapper();
        for (String line : output().lines().toList()) {
            assertThat(json.readTree(line).path("level").asText()).isIn("INFO", "WARN");
        }
        JsonNode created = json.readTree(output().lines()
                .filter(line -> line.contains("created the Job wiki-1"))
                .findFirst()
                .orElseThrow());
        assertThat(created.path("mdc").path("resource.name").asText()).isEqualTo("wiki");
        assertThat(created.path("mdc").path("resource.namespace").asText()).isEqualTo(namespace);
        assertThat(created.path("mdc").path("resource.generation").asText()).isEqualTo("1");

        // when it is told to stop, it gives its lease back
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        assertThat(cluster.client()
                        .leases()
                        .inNamespace(namespace)
                        .withName("embedding-operator")
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .isNullOrEmpty();
    }

    @Test
    void whatStrangersPutUnderItsLabelsFillsNoMemory() throws Exception {
        // given more than its heap, and the operator that lists it
        TestingCluster cluster = TestingCluster.shared();
        String namespace = cluster.newNamespace();
        putJunk(cluster.client(), namespace, 0, 110);
        Map<String, String> environment = TestingOperator.environment(namespace);
        environment.put("KUBECONFIG", cluster.controlPlane().kubeconfig().toString());
        environment.put("EMBEDDING_OPERATOR_JAVA_OPTIONS", "-Xmx96m");
        Process process = start(environment);
        eventually(Duration.ofMinutes(1), () -> assertThat(output()).contains("started on port"));

        // when more comes while it watches
        putJunk(cluster.client(), namespace, 110, 150);
        EmbeddingJob manifest = TestingManifest.wiki("{metadata: {uid: null, generation: null}}");
        manifest.getMetadata().setNamespace(namespace);
        cluster.client().resource(manifest).create();

        // then it works
        eventually(() -> assertThat(cluster.client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withName("wiki-1")
                        .get())
                .isNotNull());
        assertThat(process.isAlive()).as(output()).isTrue();
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void putJunk(KubernetesClient client, String namespace, int from, int to) {
        String junk = "x".repeat(900_000);
        for (int index = from; index < to; index++) {
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("junk-" + index)
                            .withLabels(RunLabels.COMMON)
                            .endMetadata()
                            .addToData("x", junk)
                            .build())
                    .create();
        }
    }

    private Process start(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(LAUNCHER.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }
}
