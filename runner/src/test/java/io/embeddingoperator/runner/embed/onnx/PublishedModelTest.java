package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.ModelInputNames;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads whose model has files that do not belong together, or ask for what cannot be done. */
class PublishedModelTest {
    private static final Path ARCHITECTURES = ReferenceVector.FOLDER.resolve("architectures");
    private static final String TEXT = "The river runs low in summer.";

    @TempDir
    private Path folder;

    @Test
    void vectorsAreCutBeforeTheyAreNormalized() throws Exception {
        copy("matryoshka");
        float[] whole = vector(spec(null, null, null));

        float[] cut = vector(spec(8, null, null));

        float[] expected = Arrays.copyOf(whole, 8);
        UnitLength.scale(expected, UnitLength.squared(expected));
        assertThat(cut).hasSize(8);
        assertThat(ReferenceVector.cosine(cut, expected)).isGreaterThan(0.999999);
        assertThat(UnitLength.squared(cut)).isBetween(0.9999, 1.0001);
    }

    @Test
    void aLayerNormComesBeforeTheCutWhereTheModelsPageHasOne() throws Exception {
        // given a model whose files name nomic-embed-text-v1.5
        copy("nomic-bert");
        float[] whole = vector(spec(null, null, null));

        // when
        float[] cut = vector(spec(8, null, null));

        // then it is centered, cut and scaled: a layer norm scales all numbers alike, which length 1 undoes
        double mean = IntStream.range(0, whole.length)
                .mapToDouble(i -> whole[i])
                .average()
                .orElseThrow();
        float[] expected = new float[8];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) (whole[i] - mean);
        }
        UnitLength.scale(expected, UnitLength.squared(expected));
        assertThat(ReferenceVector.cosine(cut, expected)).isGreaterThan(0.999999);
        assertThat(ReferenceVector.cosine(cut, Arrays.copyOf(whole, 8)))
                .as("the norm makes a difference")
                .isLessThan(0.9999);
        try (Embedder embedder = open(spec(8, null, null))) {
            assertThat(embedder.description()).contains(", a layer norm before the cut (the page of the model), ");
            assertThat(embedder.fingerprint()).contains(" layerNorm=beforeCut dimensions=8 ");
        }
        try (Embedder embedder = open(spec(null, null, null))) {
            assertThat(embedder.description()).doesNotContain("layer norm");
            assertThat(embedder.fingerprint()).doesNotContain("layerNorm");
        }
    }

    @Test
    void theManifestTakesTheLayerNormBack() throws Exception {
        copy("nomic-bert");
        float[] whole = vector(spec(null, null, null));

        float[] cut = vector(withLayerNorm(false));

        assertThat(ReferenceVector.cosine(cut, Arrays.copyOf(whole, 8))).isGreaterThan(0.999999);
    }

    @Test
    void theManifestAsksForTheLayerNormOfAnyModel() throws Exception {
        copy("matryoshka");

        try (Embedder embedder = open(withLayerNorm(true))) {
            assertThat(embedder.description()).contains(", a layer norm before the cut, ");
            assertThat(embedder.fingerprint()).contains(" layerNorm=beforeCut ");
        }
    }

    @Test
    void moreNumbersThanAVectorHasAreRefused() throws IOException {
        copy("matryoshka");

        refused(
                spec(64, null, null),
                "spec.embedder.onnx.dimensions is 64, and the model's vectors have 16: use at most that, or leave it out");
    }

    @Test
    void aDenseLayerWithoutItsWeightsIsRefused() throws IOException {
        copy("labse");
        Files.delete(folder.resolve("2_Dense/model.safetensors"));

        refused(
                spec(null, null, null),
                "modules.json of the model has a dense layer, and 2_Dense/model.safetensors is not there: put it beside the"
                        + " model, or export the model with an output sentence_embedding that holds the layer");
    }

    @Test
    void aDenseLayerOfAnotherModelIsRefused() throws IOException {
        copy("labse");
        Files.writeString(
                folder.resolve("1_Pooling/config.json"),
                "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}");

        refused(
                spec(null, null, null),
                "the dense layer " + folder.resolve("2_Dense/model.safetensors") + " takes vectors of");
    }

    @Test
    void theTokenizerOfALargerModelIsRefusedBeforeTheFirstDocument() throws IOException {
        copy("bge");
        Files.copy(
                ARCHITECTURES.resolve("xlm-roberta/tokenizer.json"),
                folder.resolve("tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);

        refused(
                spec(null, null, null),
                "the model %s fails with token 341, which is the highest of its tokenizer.json ("
                        .formatted(folder.resolve("onnx/model.onnx")));
    }

    @Test
    void settingsOfAWiderModelAreRefused() throws IOException {
        copy("bge");
        Files.writeString(
                folder.resolve("1_Pooling/config.json"),
                "{\"word_embedding_dimension\": 1024, \"pooling_mode_cls_token\": true}");

        refused(
                spec(null, null, null),
                "1_Pooling/config.json of the model is for tokens of 1024 numbers, and its output last_hidden_state has");
    }

    @Test
    void aStepThatTheRunnerCannotTakeIsRefused() throws IOException {
        copy("bge");
        Files.writeString(folder.resolve("modules.json"), """
                [{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"path": "2_LayerNorm", "type": "sentence_transformers.models.LayerNorm"}]
                """);

        refused(
                spec(null, null, null),
                "modules.json of the model has a step LayerNorm behind the transformer, which the runner cannot take");
    }

    @Test
    void anOutputThatIsNoneIsAnsweredWithThoseThatThereAre() throws IOException {
        copy("bge-m3");

        refused(
                spec(null, "dense", null),
                "spec.embedder.onnx.output is dense, and the model %s has dense_vecs (float ["
                        .formatted(folder.resolve("onnx/model.onnx")));
    }

    @Test
    void aHeadWithTooFewNumbersIsRefusedEvenWhereTheManifestNamesIt() throws IOException {
        copy("bge-m3");

        refused(spec(null, "sparse_vecs", null), "name one that is float, of 8 or more dimensions");
    }

    @Test
    void anInputThatTheModelDoesNotHaveIsRefused() throws IOException {
        copy("bge");

        refused(
                spec(null, null, new ModelInputNames(null, null, "segment_ids", null)),
                "the model %s wants the input token_type_ids (int64 [".formatted(folder.resolve("onnx/model.onnx")));
    }

    @Test
    void aTokenThatTheTokenizerDoesNotHaveIsRefused() throws IOException {
        copy("bge");
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"add_eos_token\": true, \"eos_token\": \"<|end of it|>\"}");

        refused(
                spec(null, null, null),
                "tokenizer_config.json of the model puts the token <|end of it|> around texts, and its tokenizer.json has no"
                        + " such token: copy both files from where the model was published");
    }

    @Test
    void whereNoFileSaysItThePoolingIsTheUsual() throws IOException {
        copy("bge");
        Files.delete(folder.resolve("1_Pooling/config.json"));
        Files.delete(folder.resolve("modules.json"));

        try (Embedder embedder = open(spec(null, null, null))) {
            assertThat(embedder.description()).contains("Mean pooling, normalized");
            assertThat(embedder.fingerprint()).contains("pooling=Mean");
        }
    }

    @Test
    void theDescriptionNamesTheFilesThatSayIt() throws IOException {
        copy("e5");

        try (Embedder embedder = open(spec(null, null, null))) {
            assertThat(embedder.description())
                    .contains(
                            "Mean pooling (1_Pooling/config.json), normalized (modules.json)",
                            "documents begin with \"passage: \" (config_sentence_transformers.json)",
                            "queries begin with \"query: \" (config_sentence_transformers.json)");
        }
    }

    @Test
    void aLengthThatNoTextReachesIsNoPartOfTheFingerprint() throws IOException {
        copy("bge");

        // as in manifests of releases that had no other
        assertThat(fingerprint(null, OptionalInt.of(32))).contains(" maxTokens=256 ");
        assertThat(fingerprint(null, OptionalInt.of(48))).isEqualTo(fingerprint(null, OptionalInt.of(32)));
        // more than the model takes, so that chunks are smaller
        assertThat(fingerprint(null, OptionalInt.of(256))).isEqualTo(fingerprint(null, OptionalInt.of(32)));
        // texts are cut
        assertThat(fingerprint(null, OptionalInt.empty())).contains(" maxTokens=64 ");
        assertThat(fingerprint(32, OptionalInt.of(32))).contains(" maxTokens=32 ");
    }

    private String fingerprint(Integer maxTokens, OptionalInt chunkTokens) {
        OnnxEmbedder spec = new OnnxEmbedder(
                spec(null, null, null).model(),
                null,
                null,
                maxTokens,
                null,
                null,
                null,
                null,
                null,
                null,
                Device.CPU,
                null);
        try (Embedder embedder = OnnxEmbedders.open(
                spec, ModelLocator.of(Map.of()).locate(new Model.Folder(folder.toString())), chunkTokens)) {
            return embedder.fingerprint();
        }
    }

    private float[] vector(OnnxEmbedder spec) throws Exception {
        try (Embedder embedder = open(spec)) {
            TokenizedText text = embedder.tokenizer().tokenize(TEXT);
            return embedder.embed(List.of(text))[0];
        }
    }

    private void refused(OnnxEmbedder spec, String sentence) {
        assertThatThrownBy(() -> open(spec).close())
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(sentence);
    }

    private Embedder open(OnnxEmbedder spec) {
        return TestingModels.open(spec, ModelLocator.of(Map.of()).locate(new Model.Folder(folder.toString())));
    }

    private static OnnxEmbedder spec(Integer dimensions, String output, ModelInputNames inputs) {
        ModelSource model = new ModelSource("all-minilm-l6-v2", null, null, null, null);
        return new OnnxEmbedder(
                model, null, null, null, null, null, dimensions, null, output, inputs, Device.CPU, null);
    }

    private static OnnxEmbedder withLayerNorm(boolean layerNorm) {
        return new OnnxEmbedder(
                spec(null, null, null).model(),
                null,
                null,
                null,
                null,
                null,
                8,
                layerNorm,
                null,
                null,
                Device.CPU,
                null);
    }

    private void copy(String name) throws IOException {
        Path from = ARCHITECTURES.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = folder.resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }
}
