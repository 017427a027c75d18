package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Pooling;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.memory.HeapSize;
import io.embeddingoperator.runner.memory.ProcessMemory;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ModelMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void theBundledModelIsCountedWithItsCopiesAndWithoutThoseOfItsVocabulary() {
        ModelGraph graph = ModelGraph.read(TestingModels.miniLm());

        ModelMemory mapped = ModelMemory.of(TestingModels.miniLm(), graph, true, 256, 256);
        ModelMemory published = ModelMemory.of(TestingModels.miniLm(), graph, false, 256, 256);

        assertThat(graph.sizes()).isEqualTo(new WeightSizes(384, 30_522L * 384 * Float.BYTES));
        assertThat(mapped.base() / MIB).isBetween(275L, 290L);
        assertThat((published.base() - mapped.base()) / MIB).isEqualTo(44);
        assertThat(mapped.call() / MIB).isBetween(15L, 20L);
    }

    @Test
    void longTextsTakeMemoryByTheSquareOfTheirLength() {
        long shortText = ModelMemory.of(0, 0, 1_024, 512, 512).call();
        long longText = ModelMemory.of(0, 0, 1_024, 8_192, 8_192).call();

        assertThat(longText).isGreaterThan(100 * shortText);
    }

    @Test
    void sizesThatNoModelHasDoNotOverflow() {
        WeightSizes.Builder sizes = new WeightSizes.Builder();
        ProtobufMessage tensor = new ProtobufMessage().put(1, Long.MAX_VALUE).put(1, Long.MAX_VALUE);
        sizes.add(MemorySegment.ofArray(tensor.toByteArray()));

        WeightSizes built = sizes.build();
        ModelMemory memory = ModelMemory.of(Integer.MAX_VALUE, 0, built.width(), 1 << 17, 1 << 17);

        assertThat(built.vocabularyBytes()).isPositive();
        assertThat(memory.call()).isPositive();
        assertThat(memory.base()).isPositive();
    }

    @Test
    void aModelIsRefusedBeforeItIsLoadedWhereItDoesNotFit() {
        assertThatThrownBy(() -> OnnxEmbedders.open(
                        TestingModels.spec(Pooling.Mean, true, 256),
                        TestingModels.miniLm(),
                        OptionalInt.empty(),
                        limitedTo(450)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.template.resources.limits.memory: at least 512Mi; this pod has 450Mi, which is too little"
                                + " for the model all-minilm-l6-v2 with texts of its greatest length");
    }

    @Test
    void whereMemoryIsShortThereIsOneCallAtATime() {
        try (Embedder embedder = OnnxEmbedders.open(
                TestingModels.spec(Pooling.Mean, true, 256),
                TestingModels.miniLm(),
                OptionalInt.empty(),
                limitedTo(512))) {
            assertThat(embedder.concurrency()).isOne();
            assertThat(embedder.description()).contains("1 call at a time on CPU");
        }
    }

    @Test
    void manyCoresTakeNoMoreMemoryThanThereIs() {
        ModelGraph graph = ModelGraph.read(TestingModels.miniLm());
        ConcurrentCalls calls = ConcurrentCalls.of(TestingModels.miniLm(), graph, 256, limitedTo(1_024));

        int concurrency = calls.onCpu(64);

        assertThat(concurrency).isBetween(10, 25);
        assertThat(calls.need().base() + concurrency * calls.need().call()).isLessThan(1_024 * MIB * 6 / 10);
    }

    private static ProcessMemory limitedTo(long mebibytes) {
        return new ProcessMemory(mebibytes * MIB, true, mebibytes * MIB, new HeapSize(0.4, 1_024 * MIB));
    }
}
