package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SessionEmbedderTest {
    private static final int THREADS = 3;

    private static Embedder embedder;
    private static List<TokenizedText> texts;
    private static List<float[]> alone;

    @BeforeAll
    static void embedEachTextAlone() throws EmbeddingException, InterruptedException {
        embedder = TestingModels.miniLm(256);
        List<ReferenceVector> references = ReferenceVector.read("all-minilm-l6-v2-mean.ndjson");
        // Every third: short and long ones, in a time that a test may take.
        texts = IntStream.range(0, references.size() / 3)
                .mapToObj(i -> references.get(i * 3))
                .map(each -> embedder.tokenizer().tokenize(each.text()))
                .toList();
        alone = new ArrayList<>();
        for (TokenizedText text : texts) {
            alone.add(embedder.embed(List.of(text))[0]);
        }
    }

    @AfterAll
    static void close() {
        embedder.close();
    }

    @Test
    void aVectorDoesNotDependOnTheBatchToTheLastBit() throws EmbeddingException, InterruptedException {
        for (int size : new int[] {2, 5, texts.size()}) {
            for (int first = 0; first < texts.size(); first += size) {
                List<TokenizedText> batch = texts.subList(first, Math.min(texts.size(), first + size));
                float[][] vectors = embedder.embed(batch);
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(vectors[i]).isEqualTo(alone.get(first + i));
                }
            }
        }
    }

    @Test
    void aVectorDoesNotDependOnTheThreadToTheLastBit() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<float[][]>> runs = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                runs.add(threads.submit(() -> embedder.embed(texts)));
            }
            for (Future<float[][]> run : runs) {
                assertThat(run.get()).isDeepEqualTo(alone.toArray(float[][]::new));
            }
        }
    }

    @Test
    void aQueryGetsTheQueryPrefix() throws EmbeddingException, InterruptedException {
        OnnxEmbedder spec = TestingModels.spec(256, "passage: ", "query: ");
        try (Embedder prefixed = TestingModels.open(spec, TestingModels.miniLm())) {
            TokenizedText query = embedder.tokenizer().tokenize("query: vector database");

            assertThat(prefixed.embedQuery("vector database")).isEqualTo(embedder.embed(List.of(query))[0]);
        }
    }

    @Test
    void aFingerprintNamesWhatChangesAVectorAndNothingElse() {
        String fingerprint = fingerprint(Pooling.Mean, true, 256, "", Device.CPU, 16384);

        assertThat(fingerprint(Pooling.Mean, true, 256, "", Device.Auto, 512)).isEqualTo(fingerprint);
        assertThat(List.of(
                        fingerprint,
                        fingerprint(Pooling.CLS, true, 256, "", Device.CPU, 16384),
                        fingerprint(Pooling.Mean, false, 256, "", Device.CPU, 16384),
                        fingerprint(Pooling.Mean, true, 128, "", Device.CPU, 16384),
                        fingerprint(Pooling.Mean, true, 256, "passage: ", Device.CPU, 16384)))
                .doesNotHaveDuplicates();
    }

    @Test
    void theDescriptionTellsWhatRunsWhere() {
        assertThat(embedder.description())
                .isEqualTo(
                        "all-minilm-l6-v2, 384 dimensions, float32, Mean pooling, normalized, texts of at most 256 tokens, batched, %s at a time on CPU"
                                .formatted(
                                        // On a machine with little free memory it is one.
                                        embedder.concurrency() == 1 ? "1 call" : embedder.concurrency() + " calls"));
        assertThat(embedder.dimensions()).isEqualTo(384);
    }

    @Test
    void deviceAutoTellsWhyItIsNotCuda() {
        try (LoadedModel model = LoadedModel.load(TestingModels.miniLm().model(), Device.Auto)) {
            assertThat(model.place()).isEqualTo("CPU (device Auto: this build of the runner has no CUDA)");
        }
    }

    @Test
    void aLengthBeyondTheModelIsRefusedWithTheLengthThatItHas() {
        assertThatThrownBy(() -> TestingModels.miniLm(600))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(("spec.embedder.onnx.maxTokens is 600, and the model %s fails with a text of "
                                + "that length: set spec.embedder.onnx.maxTokens to at most 512")
                        .formatted(TestingModels.miniLm().model()));
    }

    private static String fingerprint(
            Pooling pooling, boolean normalize, int maxTokens, String prefix, Device device, int maxBatchTokens) {
        OnnxEmbedder spec = new OnnxEmbedder(
                TestingModels.spec(Device.CPU).model(),
                pooling,
                normalize,
                maxTokens,
                prefix,
                null,
                null,
                null,
                null,
                null,
                device,
                maxBatchTokens);
        try (Embedder opened = TestingModels.open(spec, TestingModels.miniLm())) {
            return opened.fingerprint();
        }
    }
}
