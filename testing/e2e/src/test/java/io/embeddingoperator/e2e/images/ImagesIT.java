package io.embeddingoperator.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.cluster.image.ImageArchive;
import io.embeddingoperator.cluster.image.UnpackedImage;
import io.embeddingoperator.e2e.testing.Checkout;
import io.embeddingoperator.e2e.testing.Program;
import io.embeddingoperator.e2e.testing.TestingDatabase;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The images as a container runtime starts them: without root, with a read-only root file system. */
@EnabledIfSystemProperty(
        named = "embedding.images",
        matches = "true",
        disabledReason = "only the profile images builds them")
class ImagesIT {
    private static final String MANIFEST = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: image, namespace: default}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: database, key: uri}}
                  table: public.documents
                  keyColumn: id
                  textColumns: [body]
              embedder:
                onnx:
                  model: {bundled: all-minilm-l6-v2}
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: database, key: uri}}
                  table: public.vectors
            """;

    private static final Path FOLDER = Checkout.file("testing/e2e").resolve("target/images");

    private static UnpackedImage runner;
    private static UnpackedImage operator;

    @BeforeAll
    static void unpack() {
        new Program(Path.of("/bin/rm"), Map.of()).run("-rf", FOLDER.toString());
        runner = ImageArchive.unpack(Checkout.file("runner/target/runner.tar"), FOLDER.resolve("runner"));
        operator = ImageArchive.unpack(Checkout.file("operator/target/operator.tar"), FOLDER.resolve("operator"));
    }

    @Test
    void noImageRunsAsRoot() {
        assertThat(runner.user()).isEqualTo("65532:65532");
        assertThat(operator.user()).isEqualTo("65532:65532");
    }

    @Test
    void theRunnerEmbedsAWholeTable() {
        TestingDatabase database = TestingDatabase.create().withDocuments(200);

        TestingContainer.End end = TestingContainer.of(runner)
                .withFile("embeddingjob.yaml", MANIFEST)
                .with(EnvironmentVariable.SOURCE_URI, database.uri())
                .with(EnvironmentVariable.SINK_URI, database.uri())
                .with(EnvironmentVariable.LOG_FORMAT, "json")
                .run("run", "-f", "/tmp/embeddingjob.yaml");

        assertThat(end.words()).doesNotContain(database.uri());
        assertThat(end.exitCode()).as(end.words()).isEqualTo(ExitCode.DONE.code());
        assertThat(database.number("SELECT count(DISTINCT id) FROM vectors")).isEqualTo(200);
    }

    @Test
    void theRunnerNamesWhatIsMissing() {
        TestingContainer.End end = TestingContainer.of(runner)
                .withFile("embeddingjob.yaml", MANIFEST)
                .run("run", "-f", "/tmp/embeddingjob.yaml");

        assertThat(end.exitCode()).isEqualTo(ExitCode.BAD_SPECIFICATION.code());
        assertThat(end.words()).contains(EnvironmentVariable.SINK_URI);
    }

    @Test
    void theOperatorNamesWhatIsMissing() {
        TestingContainer.End end = TestingContainer.of(operator).run();

        assertThat(end.exitCode()).isEqualTo(ExitCode.BAD_SPECIFICATION.code());
        assertThat(end.words()).contains("OPERATOR_RUNNER_IMAGE");
    }
}
