package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole objects of a run, checked in to be read: {@code src/test/resources/golden}. */
final class RunnerJobGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path ACTUAL = Path.of("target/golden");
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES, YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER, YAMLGenerator.Feature.SPLIT_LINES)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    @ParameterizedTest
    @ValueSource(strings = {"postgres-on-cpu", "files-on-gpu-under-kueue"})
    void aManifestBecomesExactlyTheseObjects(String name) throws IOException {
        // given
        EmbeddingJob manifest = TestingManifest.read(name);

        // when
        String configMap = YAML.writeValueAsString(RunnerConfigMap.desired(manifest));
        String job = YAML.writeValueAsString(RunnerJob.desired(manifest, TestingImages.IMAGES));

        // then
        checkGolden(name + ".yaml", configMap + "---\n" + job);
    }

    private static void checkGolden(String file, String actual) throws IOException {
        Path golden = GOLDEN.resolve(file);
        if (!Files.exists(golden) || !Files.readString(golden).equals(actual)) {
            Files.createDirectories(ACTUAL);
            Files.writeString(ACTUAL.resolve(file), actual);
        }
        assertThat(golden)
                .as("when the change is meant: cp operator/%s operator/%s", ACTUAL.resolve(file), golden)
                .exists()
                .content()
                .isEqualTo(actual);
    }
}
