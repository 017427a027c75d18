package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuantizedModelTest {
    private static final ModelFiles INT8 = TestingModels.tiny("tiny-int8.onnx");

    @Test
    void aDynamicallyQuantisedModelIsToldFromOthersByItsGraph() {
        assertThat(ModelGraph.read(INT8).quantizesByBatch()).isTrue();
        assertThat(ModelGraph.read(INT8).operators()).contains("Gather", "MatMulInteger");
        assertThat(ModelGraph.read(TestingModels.tiny("tiny-fast.onnx")).quantizesByBatch())
                .isFalse();
        assertThat(ModelGraph.read(TestingModels.miniLm()).quantizesByBatch()).isFalse();
        assertThat(ModelGraph.read(TestingModels.miniLm()).externalFiles()).isEmpty();
    }

    @Test
    void itsTextsRunAloneSoThatVectorsDoNotDependOnTheBatch() throws Exception {
        try (Embedder embedder = TestingModels.open(TestingModels.spec(Pooling.Mean, true, 64), INT8)) {
            TokenizedText text = embedder.tokenizer().tokenize("king");
            TokenizedText other = embedder.tokenizer().tokenize("In the summer the river runs low, 1234567890!");

            float[] alone = embedder.embed(List.of(text))[0];

            assertThat(embedder.embed(List.of(other, text))[1]).isEqualTo(alone);
            assertThat(batched(text, other)).isNotEqualTo(alone);
            assertThat(embedder.description())
                    .contains("dynamically quantised, so each text runs alone and unpadded to be reproducible");
            assertThat(embedder.fingerprint()).contains("texts=alone");
        }
    }

    /** The vector as it would come out of a batch of both. */
    private static float[] batched(TokenizedText text, TokenizedText other) throws Exception {
        try (TextModel model = new TextModel(
                LoadedModel.load(INT8.model(), Device.CPU),
                TestingModels.spec(Device.CPU),
                new RowFilling(0, 0),
                new InferenceLimit(Duration.ofMinutes(1), 0))) {
            VectorPooling pooling = new VectorPooling(List.of(Pooling.Mean), model.output(), 0);
            return model.<float[], RuntimeException>run(List.of(text.ids(), other.ids()), (rows, longest) -> {
                float[] vector = pooling.vector(rows, 0, text.length(), longest);
                UnitLength.scale(vector, UnitLength.squared(vector));
                return vector;
            });
        }
    }
}
