package io.embeddingoperator.runner.embed.onnx.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSettingsTest {
    private static final OptionalInt WHOLE_DOCUMENTS = OptionalInt.empty();

    @TempDir
    private Path folder;

    @Test
    void aModelWithoutSuchFilesIsUsedAsUsual() {
        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        assertThat(settings.vector().pooling()).isEqualTo(Stated.byNone(List.of(Pooling.Mean)));
        assertThat(settings.vector().normalize()).isEqualTo(Stated.byNone(true));
        assertThat(settings.text().maxTokens()).isEqualTo(Stated.byNone(256));
        assertThat(settings.text().prefix()).isEqualTo(Stated.byNone(""));
        assertThat(settings.vector().metric().value()).isEqualTo(DistanceMetric.Cosine);
        assertThat(settings.contradictions()).isEmpty();
    }

    @Test
    void theFilesOfSentenceTransformersSayHowVectorsAreMade() {
        // given
        publishSentenceTransformer();

        // when
        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        // then
        assertThat(settings.vector().pooling()).isEqualTo(new Stated<>(List.of(Pooling.CLS), "1_Pooling/config.json"));
        assertThat(settings.vector().normalize()).isEqualTo(new Stated<>(true, "modules.json"));
        assertThat(settings.vector().densePaths()).containsExactly("2_Dense");
        assertThat(settings.vector().tokenDimensions()).hasValue(384);
        assertThat(settings.vector().metric())
                .isEqualTo(new Stated<>(DistanceMetric.InnerProduct, "config_sentence_transformers.json"));
        assertThat(settings.text().maxTokens()).isEqualTo(new Stated<>(512, "sentence_bert_config.json"));
        assertThat(settings.text().prefix()).isEqualTo(new Stated<>("passage: ", "config_sentence_transformers.json"));
        assertThat(settings.text().queryPrefix())
                .isEqualTo(new Stated<>("query: ", "config_sentence_transformers.json"));
        assertThat(settings.text().lowerCase()).isTrue();
    }

    @Test
    void theManifestIsFollowedAndEachContradictionIsTold() {
        // given
        publishSentenceTransformer();

        // when
        ModelSettings settings = settings(spec(Pooling.Mean, false, 600, ""), WHOLE_DOCUMENTS);

        // then
        assertThat(settings.vector().pooling().value()).containsExactly(Pooling.Mean);
        assertThat(settings.vector().normalize().value()).isFalse();
        assertThat(settings.text().maxTokens().value()).isEqualTo(600);
        assertThat(settings.text().prefix().value()).isEmpty();
        assertThat(settings.contradictions())
                .containsExactly(
                        "spec.embedder.onnx.maxTokens is 600, and sentence_bert_config.json of the model says at most 512",
                        "spec.embedder.onnx.prefix is \"\", and config_sentence_transformers.json of the model says"
                                + " \"passage: \"",
                        "spec.embedder.onnx.pooling is Mean, and 1_Pooling/config.json of the model says CLS",
                        "spec.embedder.onnx.normalize is false, and modules.json of the model says true");
    }

    @ParameterizedTest
    @CsvSource({
        "128, 128, spec.chunking.maxTokens",
        "512, 512, spec.chunking.maxTokens",
        "600, 512, sentence_bert_config.json"
    })
    void chunksDecideHowLongTextsMayBeUpToWhatTheModelTakes(int chunk, int expected, String source) {
        publishSentenceTransformer();

        ModelSettings settings = settings(spec(null, null, null, null), OptionalInt.of(chunk));

        assertThat(settings.text().maxTokens()).isEqualTo(new Stated<>(expected, source));
    }

    @Test
    void aSearchTextMayBeLongerThanAChunkUpToWhatTheModelTakes() {
        publishSentenceTransformer();

        TextSettings chunks =
                settings(spec(null, null, null, null), OptionalInt.of(32)).text();
        TextSettings cut =
                settings(spec(null, null, 64, null), OptionalInt.of(32)).text();

        assertThat(chunks.ofQueries().maxTokens()).isEqualTo(new Stated<>(512, "sentence_bert_config.json"));
        assertThat(cut.ofQueries().maxTokens().value()).isEqualTo(64);
    }

    @Test
    void withoutALengthForThisUseTheTransformerAndItsTokenizerDecide() {
        publish(
                "config.json",
                "{\"model_type\": \"xlm-roberta\", \"max_position_embeddings\": 514, \"pad_token_id\": 1}");
        publish("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");

        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        assertThat(settings.text().maxTokens()).isEqualTo(new Stated<>(512, "config.json"));
        assertThat(settings.firstPosition()).isEqualTo(2);
    }

    @Test
    void aVeryLongLengthIsOnlyUsedWhenAskedFor() {
        publish("sentence_bert_config.json", "{\"max_seq_length\": 32768}");

        assertThat(settings(spec(null, null, null, null), WHOLE_DOCUMENTS)
                        .text()
                        .maxTokens()
                        .value())
                .isEqualTo(8_192);
        assertThat(settings(spec(null, null, 10_000, null), WHOLE_DOCUMENTS)
                        .text()
                        .maxTokens()
                        .value())
                .isEqualTo(10_000);
    }

    @Test
    void severalPoolingsArePutOneBehindAnother() {
        publish(
                "1_Pooling/config.json",
                "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_cls_token\": true, \"include_prompt\": false}");

        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        assertThat(settings.vector().pooling().value()).containsExactly(Pooling.CLS, Pooling.Mean);
        assertThat(settings.vector().promptIsPooled()).isFalse();
    }

    @Test
    void aPoolingThatTheRunnerDoesNotKnowIsRefusedUnlessTheManifestNamesOne() {
        publish("1_Pooling/config.json", "{\"pooling_mode\": \"attention\"}");

        assertThatThrownBy(() -> settings(spec(null, null, null, null), WHOLE_DOCUMENTS))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("1_Pooling/config.json of the model names no pooling that the runner knows:"
                        + " set spec.embedder.onnx.pooling");
        assertThat(settings(spec(Pooling.Max, null, null, null), WHOLE_DOCUMENTS)
                        .vector()
                        .pooling()
                        .value())
                .containsExactly(Pooling.Max);
    }

    @ParameterizedTest
    @CsvSource({
        "sentence_transformers.models.LSTM, LSTM",
        "sentence_transformers.models.LayerNorm, LayerNorm",
        "sentence_transformers.models.Router, Router"
    })
    void aStepThatTheRunnerCannotTakeIsNamed(String type, String step) {
        publish("modules.json", """
                [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "path": "2", "type": "%s"}]
                """.formatted(type));

        assertThat(settings(spec(null, null, null, null), WHOLE_DOCUMENTS)
                        .vector()
                        .unknownStep())
                .contains(step);
    }

    @Test
    void promptsThatOnlyTheModelsPageNamesAreKnown() {
        publish("config.json", "{\"_name_or_path\": \"intfloat/e5-small-v2\"}");

        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        assertThat(settings.text().prefix()).isEqualTo(new Stated<>("passage: ", "the page of the model"));
        assertThat(settings.text().queryPrefix()).isEqualTo(new Stated<>("query: ", "the page of the model"));
        assertThat(settings(spec(null, null, null, ""), WHOLE_DOCUMENTS)
                        .text()
                        .prefix()
                        .value())
                .isEmpty();
    }

    @Test
    void anEmptyPromptOfAFileHidesNoneThatThePageNames() {
        publish("config.json", "{\"_name_or_path\": \"nomic-ai/nomic-embed-text-v1.5\"}");
        publish("config_sentence_transformers.json", "{\"prompts\": {\"query\": \"\", \"document\": \"\"}}");

        ModelSettings settings = settings(spec(null, null, null, null), WHOLE_DOCUMENTS);

        assertThat(settings.text().prefix()).isEqualTo(new Stated<>("search_document: ", "the page of the model"));
        assertThat(settings.text().queryPrefix()).isEqualTo(new Stated<>("search_query: ", "the page of the model"));
    }

    @Test
    void aStepWithoutATypeIsToldAsThat() {
        publish("modules.json", "{\"idx\": 0}");

        assertThat(settings(spec(null, null, null, null), WHOLE_DOCUMENTS)
                        .vector()
                        .unknownStep())
                .contains("without a type");
    }

    @Test
    void aDamagedFileIsRefused() {
        Path modules = publish("modules.json", "<html>");

        assertThatThrownBy(() -> settings(spec(null, null, null, null), WHOLE_DOCUMENTS))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "%s is not valid JSON, and says how the model's vectors are made: copy the file that the model was"
                                + " published with",
                        modules);
    }

    private void publishSentenceTransformer() {
        publish("modules.json", """
                [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "path": "2_Dense", "type": "sentence_transformers.models.Dense"},
                 {"idx": 3, "path": "3_Normalize", "type": "sentence_transformers.models.Normalize"}]
                """);
        publish("1_Pooling/config.json", """
                {"word_embedding_dimension": 384, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}
                """);
        publish("sentence_bert_config.json", "{\"max_seq_length\": 512, \"do_lower_case\": true}");
        publish("config_sentence_transformers.json", """
                {"prompts": {"query": "query: ", "passage": "passage: "}, "similarity_fn_name": "dot"}
                """);
    }

    private Path publish(String path, String content) {
        try {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ModelSettings settings(OnnxEmbedder spec, OptionalInt chunkTokens) {
        return ModelSettings.of(
                spec, path -> Optional.of(folder.resolve(path)).filter(Files::isRegularFile), chunkTokens);
    }

    private static OnnxEmbedder spec(Pooling pooling, Boolean normalize, Integer maxTokens, String prefix) {
        ModelSource model = new ModelSource("all-minilm-l6-v2", null, null, null, null);
        return new OnnxEmbedder(model, pooling, normalize, maxTokens, prefix, null, null, null, null, null, null, null);
    }
}
