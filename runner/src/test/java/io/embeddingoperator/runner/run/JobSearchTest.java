package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.account.Account;
import io.embeddingoperator.openai.simulator.fault.Endpoint;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.manifest.ManifestReader;
import io.embeddingoperator.runner.sink.search.SearchFilter;
import io.embeddingoperator.runner.testing.TestingDatabase;
import io.embeddingoperator.runner.testing.TestingManifest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobSearchTest {
    private final TestingDatabase database = TestingDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void aConditionThatTheTableCannotMeetIsToldBeforeAnythingIsPaidFor() {
        try (OpenAiSimulator provider = OpenAiSimulator.start(SimulatorSettings.defaults())) {
            // given
            database.execute("CREATE TABLE vectors (id bigint, chunk int, year int, PRIMARY KEY (id, chunk))");
            Manifest manifest = manifest(provider);

            // when, then
            assertThatThrownBy(() -> search(manifest, "year=old"))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageStartingWith("--where is 'year=old', and column year is integer; the server says: ");
            assertThatThrownBy(() -> search(manifest, "lang=de"))
                    .isInstanceOf(SpecificationException.class)
                    .hasMessageEndingWith("has no column lang to filter by: use one of id, year");
            assertThat(provider.statuses().of(Endpoint.EMBEDDINGS)).isZero();
        }
    }

    @Test
    void aTableThatIsNotThereYetIsToldBeforeAnythingIsPaidFor() {
        try (OpenAiSimulator provider = OpenAiSimulator.start(SimulatorSettings.defaults())) {
            Manifest manifest = manifest(provider);

            assertThatThrownBy(() -> search(manifest, "year=1984")).hasMessageEndingWith("run the job first");
            assertThat(provider.statuses().of(Endpoint.EMBEDDINGS)).isZero();
        }
    }

    private void search(Manifest manifest, String condition) throws InterruptedException {
        RunnerEnvironment environment = RunnerEnvironment.of(Map.of(
                EnvironmentVariable.SINK_URI,
                database.uri(),
                EnvironmentVariable.OPENAI_API_KEY,
                Account.DEFAULT.key()));
        JobSearch.of(
                manifest,
                environment,
                "rivers in summer",
                Optional.empty(),
                List.of(SearchFilter.parse(condition)),
                false,
                10);
    }

    private Manifest manifest(OpenAiSimulator provider) {
        return ManifestReader.read(TestingManifest.forTable(folder)
                .without("spec.embedder.onnx")
                .with(
                        "spec.embedder.openai",
                        Map.of(
                                "model",
                                "text-embedding-3-small",
                                "dimensions",
                                8,
                                "baseUrl",
                                provider.baseUri().toString(),
                                "apiKey",
                                Map.of("secretKeyRef", Map.of("name", "openai", "key", "apiKey"))))
                .write(folder));
    }
}
