package io.embeddingoperator.runner.embed.onnx.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseLayerTest {
    private static final String HEADER = """
            {"linear.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
             "linear.bias": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]}}
            """;

    @TempDir
    private Path folder;

    @Test
    void weightsBiasAndActivationAreApplied() throws IOException {
        DenseLayer layer = DenseLayer.read(file(HEADER), "torch.nn.modules.activation.Tanh");

        float[] vector = layer.apply(new float[] {1, 0.5f, -1});

        assertThat(layer.inputs()).isEqualTo(3);
        assertThat(layer.outputs()).isEqualTo(2);
        // 1 * 1 + 2 * 0.5 + 3 * -1 + 0.5, and 4 * 1 + 5 * 0.5 + 6 * -1 - 1
        assertThat(vector)
                .containsExactly(new float[] {(float) Math.tanh(-0.5), (float) Math.tanh(-0.5)}, within(1e-6f));
    }

    @Test
    void anActivationThatTheRunnerCannotApplyIsNamed() throws IOException {
        Path file = file(HEADER);

        assertThatThrownBy(() -> DenseLayer.read(file, "torch.nn.modules.activation.Hardswish"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "the dense layer beside %s has the activation torch.nn.modules.activation.Hardswish, which the runner"
                                + " cannot apply: export the model with an output sentence_embedding that holds the layer",
                        file);
    }

    @Test
    void aHeaderThatDoesNotFitTheNumbersIsRefused() throws IOException {
        Path file = file(HEADER.replace("[0, 24]", "[8, 32]").replace("[2, 3]", "[2, 300]"));

        assertThatThrownBy(() -> DenseLayer.read(file, "Identity"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "the weights %s of a dense layer cannot be used (its header does not fit the numbers of"
                                + " linear.weight): copy the file that the model was published with",
                        file);
    }

    @Test
    void anotherFormatIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "PK\u0003\u0004 and so on");

        assertThatThrownBy(() -> DenseLayer.read(file, "Identity"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("it is not in the format safetensors");
    }

    private Path file(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + 28).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (int value = 1; value <= 6; value++) {
            bytes.putFloat(value);
        }
        bytes.putShort((short) (Float.floatToIntBits(0.5f) >>> 16))
                .putShort((short) (Float.floatToIntBits(-1f) >>> 16));
        return Files.write(folder.resolve("model.safetensors"), bytes.array());
    }
}
