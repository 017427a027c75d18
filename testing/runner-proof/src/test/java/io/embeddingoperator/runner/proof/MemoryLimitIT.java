package io.embeddingoperator.runner.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.embeddingoperator.runner.testing.RunnerCommand;
import io.embeddingoperator.runner.testing.RunnerProcess;
import io.embeddingoperator.runner.testing.TestingControlGroup;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled model under limits that a kernel enforces: a run is refused with a sentence, or it works. */
class MemoryLimitIT {
    private static final int DOCUMENTS = 60;

    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @BeforeEach
    void fill() {
        database.execute(
                "CREATE TABLE documents (id bigint PRIMARY KEY, body text)",
                "INSERT INTO documents SELECT i, repeat('the river runs low in summer ', 20) || i FROM generate_series(1, %d) i"
                        .formatted(DOCUMENTS));
    }

    @Test
    void aPodThatIsTooSmallIsToldWhatToAskFor() {
        try (TestingControlGroup limits = limitedTo(300);
                RunnerProcess runner = command().in(limits).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isEqualTo(64);
            assertThat(runner.complaints())
                    .containsExactly(
                            "embedding-runner: spec.template.resources.limits.memory: at least 512Mi; this pod has"
                                    + " 300Mi, which is too little for the model all-minilm-l6-v2 with texts of its"
                                    + " greatest length");
        }
    }

    @Test
    void theLeastThatIsAskedForIsEnough() {
        try (TestingControlGroup limits = limitedTo(512);
                RunnerProcess runner = command().in(limits).execute()) {
            assertThat(runner.exitCode()).as(runner.errors()).isZero();
            assertThat(runner.errors()).contains("1 call at a time");
            assertThat(database.counter("vectors", "embedded")).isEqualTo(DOCUMENTS);
        }
    }

    private static TestingControlGroup limitedTo(long mebibytes) {
        Optional<TestingControlGroup> group = TestingControlGroup.ofMemory(mebibytes);
        assumeThat(group).as("this process may make control groups").isPresent();
        return group.orElseThrow();
    }

    private RunnerCommand command() {
        TestingManifest manifest = TestingManifest.forTable(folder)
                .with("spec.embedder.onnx.model", Map.of("bundled", "all-minilm-l6-v2"))
                .with("spec.embedder.onnx.maxTokens", 256);
        return RunnerCommand.run(manifest.write(folder), database.uri()).withOptimizedCode();
    }
}
