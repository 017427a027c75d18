package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceVectorsTest {
    @ParameterizedTest
    @CsvSource({
        "all-minilm-l6-v2-mean.ndjson, Mean, true, 256",
        "all-minilm-l6-v2-mean-unnormalized.ndjson, Mean, false, 256",
        "all-minilm-l6-v2-mean-128.ndjson, Mean, true, 128",
        "all-minilm-l6-v2-cls.ndjson, CLS, true, 256",
        "all-minilm-l6-v2-last-token.ndjson, LastToken, true, 256",
    })
    void bundledModelAgreesWithAnIndependentImplementation(
            String file, Pooling pooling, boolean normalize, int maxTokens)
            throws EmbeddingException, InterruptedException {
        try (Embedder embedder =
                TestingModels.open(TestingModels.spec(pooling, normalize, maxTokens), TestingModels.miniLm())) {
            for (ReferenceVector reference : ReferenceVector.read(file)) {
                TokenizedText text = embedder.tokenizer().tokenize(reference.text());
                float[] vector = embedder.embed(List.of(text))[0];

                assertThat(text.ids()).as(reference.text()).isEqualTo(reference.ids());
                assertThat(text.truncated()).as(reference.text()).isEqualTo(reference.truncated());
                assertThat(ReferenceVector.cosine(vector, reference.vector()))
                        .as(reference.text())
                        .isGreaterThanOrEqualTo(0.9999);
                assertThat(Math.sqrt(UnitLength.squared(vector)))
                        .isCloseTo(Math.sqrt(UnitLength.squared(reference.vector())), within(1e-4));
            }
        }
    }
}
