package io.embeddingoperator.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The images by themselves, in pods of the Pod Security Standard restricted whose root file system is read-only. */
class ImagesIT {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: image, namespace: %s}
            spec:
              restartPolicy: Never
              automountServiceAccountToken: false
              # No user is named: a node refuses an image that would run as root.
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
              containers:
                - name: image
                  image: %s
                  args: %s
                  securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                  volumeMounts: [{name: tmp, mountPath: /tmp}, {name: manifest, mountPath: /manifest}]
              volumes: [{name: tmp, emptyDir: {}}, {name: manifest, configMap: {name: manifest}}]
            """;

    private final TestingCluster cluster = TestingCluster.shared();
    private String namespace;

    @BeforeEach
    void giveAManifest() {
        namespace = cluster.newNamespace();
        kubectl(
                "create",
                "configmap",
                "manifest",
                "--from-literal=job.yaml=" + TestingJob.manifest("image", namespace));
    }

    @Test
    void theRunnerNamesWhatIsMissing() {
        runToItsFailure(TestingCluster.runnerImage(), "[run, -f, /manifest/job.yaml]");

        assertThat(kubectl("logs", "image")).contains(EnvironmentVariable.SINK_URI);
    }

    @Test
    void theOperatorNamesWhatIsMissing() {
        runToItsFailure(TestingCluster.operatorImage(), "[]");

        assertThat(kubectl("logs", "image")).contains("OPERATOR_RUNNER_IMAGE");
    }

    private void runToItsFailure(String image, String arguments) {
        cluster.client().resource(POD.formatted(namespace, image, arguments)).create();
        kubectl("wait", "pod/image", "--for=jsonpath={.status.phase}=Failed", "--timeout=1m");
        assertThat(kubectl(
                        "get",
                        "pod",
                        "image",
                        "-o",
                        "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}"))
                .isEqualTo(Integer.toString(ExitCode.BAD_SPECIFICATION.code()));
    }

    private String kubectl(String... arguments) {
        return cluster.kubectl()
                .run(Stream.concat(Stream.of(arguments), Stream.of("-n", namespace))
                        .toArray(String[]::new));
    }
}
