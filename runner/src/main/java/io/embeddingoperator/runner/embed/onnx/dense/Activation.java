package io.embeddingoperator.runner.embed.onnx.dense;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/** What a dense layer does with each number, by the last part of the name that PyTorch gives it. */
enum Activation {
    IDENTITY("Identity", value -> value),
    TANH("Tanh", Math::tanh),
    RELU("ReLU", value -> Math.max(0, value)),
    SIGMOID("Sigmoid", value -> 1 / (1 + Math.exp(-value)));

    private final String publishedName;
    private final DoubleUnaryOperator function;

    Activation(String publishedName, DoubleUnaryOperator function) {
        this.publishedName = publishedName;
        this.function = function;
    }

    /** @param name for example {@code torch.nn.modules.activation.Tanh} */
    static Optional<Activation> named(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        return Arrays.stream(values())
                .filter(each -> each.publishedName.equals(last))
                .findFirst();
    }

    void apply(float[] vector) {
        if (this == IDENTITY) {
            return;
        }
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) function.applyAsDouble(vector[i]);
        }
    }
}
