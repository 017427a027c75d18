package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnotatedModelTest {
    private static final Path BUNDLED = TestingModels.miniLm().model();

    @TempDir
    private Path folder;

    @Test
    void withItsShapesTheBundledModelIsNormalisedInOneStep() throws Exception {
        AnnotatedModel annotated = AnnotatedModel.of(BUNDLED).orElseThrow();

        assertThat(operatorsThatRun(annotated)).contains("SkipLayerNormalization");
        assertThat(operatorsThatRun(new AnnotatedModel(Files.readAllBytes(BUNDLED), BUNDLED.getParent())))
                .contains("LayerNormalization")
                .doesNotContain("SkipLayerNormalization");
    }

    @Test
    void largeWeightsStayWhereTheyAre() throws Exception {
        AnnotatedModel annotated = AnnotatedModel.of(BUNDLED).orElseThrow();

        assertThat(annotated.graph()).hasSizeLessThan(1_000_000);
        assertThat(Files.size(BUNDLED)).isGreaterThan(90_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-residual.onnx", "tiny-residual-external.onnx"})
    void aModelIsAnnotatedWhereverItsWeightsAre(String file) {
        try (LoadedModel model = LoadedModel.load(TestingModels.tiny(file).model(), Device.CPU)) {
            assertThat(model.annotated()).isTrue();
        }
    }

    @Test
    void aModelBehindALinkIsAnnotated() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.copy(BUNDLED, elsewhere.resolve("blob"));
        Path links = Files.createDirectory(folder.resolve("links"));
        Path link = Files.createSymbolicLink(links.resolve("model.onnx"), Path.of("../elsewhere/blob"));

        try (LoadedModel model = LoadedModel.load(link, Device.CPU)) {
            assertThat(model.annotated()).isTrue();
        }
    }

    @Test
    void whatTheModelSaysItselfIsNotSaidAgain() throws Exception {
        byte[] graph = AnnotatedModel.of(
                        TestingModels.tiny("tiny-residual.onnx").model())
                .orElseThrow()
                .graph();

        assertThat(AnnotatedModel.of(Files.write(folder.resolve("model.onnx"), graph)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tiny-hidden-state.onnx",
                "tiny-two-inputs.onnx",
                "tiny-pooled.onnx",
                "tiny-pooled-only.onnx",
                "tiny-float16.onnx",
                "tiny-int32.onnx",
                "tiny-int8.onnx",
                "tiny-nan.onnx",
                "tiny-fast.onnx",
            })
    void aModelWithoutResidualConnectionsIsLeftAlone(String file) {
        try (LoadedModel model = LoadedModel.load(TestingModels.tiny(file).model(), Device.CPU)) {
            assertThat(model.annotated()).isFalse();
        }
    }

    @Test
    void aModelWhoseShapesAreOthersIsLoadedAsItWasPublished() throws Exception {
        Path file = TestingModels.tiny("tiny-broadcast.onnx").model();

        try (LoadedModel model = LoadedModel.load(file, Device.CPU)) {
            assertThat(model.annotated()).isTrue();
            assertThatThrownBy(() -> new TextModel(
                            model,
                            TestingModels.spec(Device.CPU),
                            new RowFilling(0, 0),
                            new InferenceLimit(Duration.ofMinutes(1), 0)))
                    .isInstanceOf(OrtException.class);
        }
        TestingModels.open(TestingModels.spec(Device.CPU), TestingModels.tiny("tiny-broadcast.onnx"))
                .close();
    }

    @Test
    void aFileThatIsNoModelIsRefusedAsBefore() throws Exception {
        Path file = Files.writeString(folder.resolve("model.onnx"), "no model");

        assertThatThrownBy(() -> LoadedModel.load(file, Device.CPU))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("the model file " + file + " cannot be loaded (");
    }

    /** What is left of a model's operators after ONNX Runtime has optimised it. */
    private Set<String> operatorsThatRun(AnnotatedModel model) throws Exception {
        Path optimized = folder.resolve("optimized.onnx");
        try (SessionOptions options = SessionSettings.CPU.options()) {
            options.setOptimizedModelFilePath(optimized.toString());
            model.load(OrtEnvironment.getEnvironment(), options).close();
        }
        return GraphScan.of(MemorySegment.ofArray(Files.readAllBytes(optimized)))
                .operators();
    }
}
