package io.embeddingoperator.runner.embed.onnx.dense;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A dense layer behind the pooling: {@code activation(weights · vector + bias)}. Exporters leave it out of the ONNX file, since it
 * is no part of the transformer.
 */
public final class DenseLayer {
    private final int inputs;
    private final int outputs;
    private final float[] weights;
    private final float[] bias;
    private final Activation activation;

    /** @param weights a row for each input, so that the compiler vectorises the loop over outputs */
    private DenseLayer(int inputs, int outputs, float[] weights, float[] bias, Activation activation) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.weights = weights;
        this.bias = bias;
        this.activation = activation;
    }

    /**
     * Reads a layer.
     *
     * @param file its {@code model.safetensors}
     * @param activation its name in PyTorch
     * @throws SpecificationException when the runner cannot apply it
     */
    public static DenseLayer read(Path file, String activation) {
        Activation function = Activation.named(activation)
                .orElseThrow(() -> new SpecificationException(
                        ("the dense layer beside %s has the activation %s, which the runner cannot apply: export the model"
                                        + " with an output sentence_embedding that holds the layer")
                                .formatted(file, activation)));
        SafeTensors tensors = SafeTensors.read(file);
        SafeTensors.Tensor weight = tensors.find("linear.weight")
                .filter(each -> each.shape().length == 2)
                .orElseThrow(() -> new SpecificationException(
                        "%s holds no linear.weight of two dimensions: copy the file that the model was published with"
                                .formatted(file)));
        int outputs = weight.shape()[0];
        int inputs = weight.shape()[1];
        Optional<SafeTensors.Tensor> bias = tensors.find("linear.bias");
        if (bias.isPresent() && bias.get().values().length != outputs) {
            throw new SpecificationException(
                    "%s holds a linear.bias of %d numbers beside %d outputs: copy the file that the model was published with"
                            .formatted(file, bias.get().values().length, outputs));
        }
        return new DenseLayer(
                inputs,
                outputs,
                transposed(weight.values(), outputs, inputs),
                bias.map(SafeTensors.Tensor::values).orElseGet(() -> new float[outputs]),
                function);
    }

    public int inputs() {
        return inputs;
    }

    public int outputs() {
        return outputs;
    }

    public float[] apply(float[] vector) {
        float[] result = bias.clone();
        for (int input = 0; input < inputs; input++) {
            float value = vector[input];
            int row = input * outputs;
            for (int output = 0; output < outputs; output++) {
                result[output] += value * weights[row + output];
            }
        }
        activation.apply(result);
        return result;
    }

    private static float[] transposed(float[] matrix, int rows, int columns) {
        float[] transposed = new float[matrix.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] = matrix[row * columns + column];
            }
        }
        return transposed;
    }
}
