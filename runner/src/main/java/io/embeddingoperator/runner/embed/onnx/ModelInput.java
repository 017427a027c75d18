package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** An input that the model has: a whole number a token, shape {@code [texts, tokens of the longest]}. */
record ModelInput(InputRole role, OnnxJavaType type) {
    /** The inputs of a model, all of which the runner can give. */
    static List<ModelInput> of(OrtSession session, Path file) throws OrtException {
        List<ModelInput> inputs = new ArrayList<>();
        for (NodeInfo node : session.getInputInfo().values()) {
            InputRole role = InputRole.named(node.getName()).orElseThrow(() -> unknown(node, file));
            if (!(node.getInfo() instanceof TensorInfo tensor) || !isNumberPerToken(tensor)) {
                throw unknown(node, file);
            }
            if (Arrays.stream(tensor.getShape()).anyMatch(size -> size >= 0)) {
                throw new SpecificationException(
                        ("the model %s takes input %s in the fixed shape %s: export it with a dynamic "
                                        + "batch and sequence axis")
                                .formatted(file, node.getName(), Arrays.toString(tensor.getShape())));
            }
            inputs.add(new ModelInput(role, tensor.type));
        }
        Set<InputRole> missing = EnumSet.of(InputRole.INPUT_IDS, InputRole.ATTENTION_MASK);
        inputs.forEach(input -> missing.remove(input.role()));
        if (!missing.isEmpty()) {
            throw new SpecificationException("the model %s has no input %s: use an exported text embedding model"
                    .formatted(file, missing.iterator().next().inputName()));
        }
        return List.copyOf(inputs);
    }

    int bytes(int texts, int longest) {
        return Math.multiplyExact(Math.multiplyExact(texts, longest), type.size);
    }

    /** Lays a batch out: right-padded rows. */
    void fill(ByteBuffer buffer, List<int[]> texts, int longest, int padding) {
        for (int[] ids : texts) {
            for (int position = 0; position < longest; position++) {
                long value = role.at(position, ids, padding);
                if (type == OnnxJavaType.INT64) {
                    buffer.putLong(value);
                } else {
                    buffer.putInt((int) value);
                }
            }
        }
        buffer.flip();
    }

    private static boolean isNumberPerToken(TensorInfo tensor) {
        return tensor.getShape().length == 2
                && (tensor.type == OnnxJavaType.INT64 || tensor.type == OnnxJavaType.INT32);
    }

    private static SpecificationException unknown(NodeInfo node, Path file) {
        return new SpecificationException(
                ("the model %s wants the input %s (%s), which the runner cannot give: use a text "
                                        + "embedding model whose inputs are ")
                                .formatted(file, node.getName(), shapeOf(node))
                        + "input_ids, attention_mask and, where it has them, token_type_ids and position_ids, "
                        + "each int64 or int32 of shape [batch, sequence]");
    }

    private static String shapeOf(NodeInfo node) {
        return node.getInfo() instanceof TensorInfo tensor ? TensorShape.describe(tensor) : "not a tensor";
    }
}
