package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TinyModelsTest {
    private static final List<ReferenceVector> EXPECTED = ReferenceVector.read("tiny-expected.ndjson");

    @ParameterizedTest
    @CsvSource({
        "tiny-hidden-state.onnx, last_hidden_state, 0.999999",
        "tiny-two-inputs.onnx, last_hidden_state, 0.999999",
        "tiny-int32.onnx, last_hidden_state, 0.999999",
        "tiny-fast.onnx, last_hidden_state, 0.999999",
        "tiny-pooled.onnx, sentence_embedding, 0.999999",
        "tiny-pooled-only.onnx, sentence_embedding, 0.999999",
        "tiny-nan.onnx, last_hidden_state, 0.999999",
        "tiny-residual.onnx, last_hidden_state, 0.999999",
        "tiny-residual-external.onnx, last_hidden_state, 0.999999",
        "tiny-broadcast.onnx, last_hidden_state, 0.999999",
        "tiny-float16.onnx, last_hidden_state, 0.9999",
    })
    void everyKindOfModelGivesTheVectorsThatPlainArithmeticGives(String file, String output, double leastCosine)
            throws EmbeddingException, InterruptedException {
        List<ReferenceVector> references = expected(file, output);
        assertThat(references).isNotEmpty();
        for (ReferenceVector reference : references) {
            Pooling pooling = Optional.ofNullable(
                            reference.json().get("pooling").textValue())
                    .map(Pooling::valueOf)
                    .orElse(Pooling.CLS);
            OnnxEmbedder spec = TestingModels.spec(
                    pooling, reference.json().get("normalized").asBoolean(), 128);
            try (Embedder embedder = TestingModels.open(spec, TestingModels.tiny(file))) {
                TokenizedText text = embedder.tokenizer().tokenize(reference.text());
                TokenizedText other = embedder.tokenizer().tokenize("a b c d e f g h ".repeat(20));
                float[] vector = embedder.embed(List.of(other, text))[1];

                assertThat(text.ids()).isEqualTo(reference.ids());
                assertThat(vector).hasSize(reference.vector().length);
                assertThat(ReferenceVector.cosine(vector, reference.vector())).isGreaterThanOrEqualTo(leastCosine);
                assertThat(UnitLength.squared(vector) / UnitLength.squared(reference.vector()))
                        .isBetween(0.999, 1.001);
            }
        }
    }

    @Test
    void aModelThatPoolsItselfIsTakenAtItsWordAndTheDescriptionSaysSo() {
        try (Embedder embedder =
                TestingModels.open(TestingModels.spec(Pooling.CLS, true, 32), TestingModels.tiny("tiny-pooled.onnx"))) {
            assertThat(embedder.description())
                    .contains("pooled by the model itself (sentence_embedding), pooling CLS not applied");
        }
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void aVectorThatIsNotFiniteFailsTheBatchAndNamesTheText(Pooling pooling)
            throws EmbeddingException, InterruptedException {
        String poison = EXPECTED.stream()
                .filter(each -> each.vector() == null)
                .findFirst()
                .orElseThrow()
                .text();
        try (Embedder embedder =
                TestingModels.open(TestingModels.spec(pooling, true, 32), TestingModels.tiny("tiny-nan.onnx"))) {
            TokenizedText good = embedder.tokenizer().tokenize("the river runs low");
            TokenizedText bad = embedder.tokenizer().tokenize(poison);

            assertThatThrownBy(() -> embedder.embed(List.of(good, bad)))
                    .isInstanceOf(EmbeddingException.class)
                    .hasMessage("the model's vector for text 2 of the batch holds NaN or infinity: "
                            + "it cannot embed this text");
            assertThat(embedder.embed(List.of(good))).hasDimensions(1, 8);
        }
    }

    @Test
    void unknownOutputsAreListed() {
        assertThatThrownBy(() -> open("tiny-unknown-outputs.onnx", 32))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("the model src/test/resources/embed/tiny-unknown-outputs.onnx has no output "
                        + "that vectors can be taken from; it has logits (float [2, 2]), boxes (float [2, 4, 4]): "
                        + "export it with last_hidden_state (float [batch, sequence, dimensions]) or "
                        + "sentence_embedding (float [batch, dimensions])");
    }

    @Test
    void anInputThatNoTextCanGiveIsNamed() {
        assertThatThrownBy(() -> open("tiny-unknown-inputs.onnx", 32))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("the model src/test/resources/embed/tiny-unknown-inputs.onnx wants the input pixel_values "
                        + "(float [batch, 3, 4, 4]), which the runner cannot give: use a text embedding model whose "
                        + "inputs are input_ids, attention_mask and, where it has them, "
                        + "token_type_ids and position_ids, "
                        + "each int64 or int32 of shape [batch, sequence]; if it calls one of them otherwise, say so in"
                        + " spec.embedder.onnx.inputs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"corrupt.onnx", "truncated.onnx"})
    void aCorruptModelFileIsNamed(String file) {
        assertThatThrownBy(() -> open(file, 32))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("the model file src/test/resources/embed/" + file + " cannot be loaded (")
                .hasMessageEndingWith("): check that it is a complete ONNX model");
    }

    @Test
    void aTokenizerThatIsNoneIsNamed(@TempDir Path folder) throws Exception {
        Path tokenizer = Files.writeString(folder.resolve("tokenizer.json"), "{\"version\": \"1.0\"}");
        ModelFiles files =
                new ModelFiles("x", TestingModels.tiny("tiny-fast.onnx").model(), tokenizer, _ -> Optional.empty());

        assertThatThrownBy(() -> TestingModels.open(TestingModels.spec(Pooling.Mean, true, 32), files))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith(tokenizer + " is not a tokenizer that can be read (")
                .hasMessageEndingWith("): copy the tokenizer.json that the model was published with");
    }

    @Test
    void cudaIsRefusedWithASentenceWhereThereIsNone() {
        OnnxEmbedder spec = TestingModels.spec(Device.CUDA);

        assertThatThrownBy(() -> TestingModels.open(spec, TestingModels.tiny("tiny-fast.onnx")))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.embedder.onnx.device is CUDA, and this build of the runner has no CUDA: "
                        + "use the runner's CUDA image, or device Auto or CPU");
    }

    @Test
    void deviceAutoTakesTheCpuWhereThereIsNoCuda() {
        try (Embedder embedder =
                TestingModels.open(TestingModels.spec(Device.Auto), TestingModels.tiny("tiny-fast.onnx"))) {
            assertThat(embedder.description()).endsWith("on CPU (device Auto: this build of the runner has no CUDA)");
        }
    }

    private static List<ReferenceVector> expected(String file, String output) {
        return EXPECTED.stream()
                .filter(each -> each.json().get("model").asText().equals(file))
                .filter(each -> each.json().get("output").asText().equals(output))
                .filter(each -> each.vector() != null)
                .toList();
    }

    private static void open(String file, int maxTokens) {
        TestingModels.open(TestingModels.spec(Pooling.Mean, true, maxTokens), TestingModels.tiny(file))
                .close();
    }
}
