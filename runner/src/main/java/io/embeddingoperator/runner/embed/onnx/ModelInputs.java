package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.embeddingoperator.api.v1alpha1.ModelInputNames;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The inputs of a model, all of which the runner can give. */
final class ModelInputs {
    private final List<ModelInput> all;

    private ModelInputs(List<ModelInput> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Looks at a loaded model.
     *
     * @param names what the manifest says that its inputs are called
     * @throws SpecificationException when it wants something else
     */
    static ModelInputs of(OrtSession session, Path file, ModelInputNames names) throws OrtException {
        List<ModelInput> inputs = new ArrayList<>();
        for (NodeInfo node : session.getInputInfo().values()) {
            if (!(node.getInfo() instanceof TensorInfo tensor)) {
                throw unknown(node, file);
            }
            inputs.add(InputRole.of(node.getName(), names)
                    .<ModelInput>map(role -> token(role, node, tensor, file))
                    .or(() -> FixedInput.of(node.getName(), tensor))
                    .orElseThrow(() -> unknown(node, file)));
        }
        ModelInputs found = new ModelInputs(inputs);
        if (!found.has(InputRole.INPUT_IDS)) {
            throw new SpecificationException("the model %s has no input %s: use an exported text embedding model"
                    .formatted(file, InputRole.INPUT_IDS.nameIn(names)));
        }
        refuseAbsent(session, file, names);
        return found;
    }

    List<ModelInput> all() {
        return all;
    }

    boolean has(InputRole role) {
        return all.stream().anyMatch(input -> input instanceof TokenInput token && token.role() == role);
    }

    private static TokenInput token(InputRole role, NodeInfo node, TensorInfo tensor, Path file) {
        if (tensor.getShape().length != 2 || (tensor.type != OnnxJavaType.INT64 && tensor.type != OnnxJavaType.INT32)) {
            throw unknown(node, file);
        }
        if (Arrays.stream(tensor.getShape()).anyMatch(size -> size >= 0)) {
            throw new SpecificationException(
                    ("the model %s takes input %s in the fixed shape %s: export it with a dynamic "
                                    + "batch and sequence axis")
                            .formatted(file, node.getName(), Arrays.toString(tensor.getShape())));
        }
        return new TokenInput(node.getName(), role, tensor.type);
    }

    /** A name in the manifest that the model does not have is a slip, and would be passed over. */
    private static void refuseAbsent(OrtSession session, Path file, ModelInputNames names) throws OrtException {
        for (InputRole role : InputRole.values()) {
            Optional<String> given = role.given(names);
            if (given.isPresent() && !session.getInputInfo().containsKey(given.get())) {
                throw new SpecificationException(
                        "spec.embedder.onnx.inputs.%s is %s, and the model %s has the inputs %s"
                                .formatted(
                                        role.field(),
                                        given.get(),
                                        file,
                                        session.getInputInfo().keySet().stream().collect(Collectors.joining(", "))));
            }
        }
    }

    private static SpecificationException unknown(NodeInfo node, Path file) {
        return new SpecificationException(
                ("the model %s wants the input %s (%s), which the runner cannot give: use a text "
                                        + "embedding model whose inputs are ")
                                .formatted(file, node.getName(), shapeOf(node))
                        + "input_ids, attention_mask and, where it has them, token_type_ids and position_ids, "
                        + "each int64 or int32 of shape [batch, sequence]; if it calls one of them otherwise, say so in"
                        + " spec.embedder.onnx.inputs");
    }

    private static String shapeOf(NodeInfo node) {
        return node.getInfo() instanceof TensorInfo tensor ? TensorShape.describe(tensor) : "not a tensor";
    }
}
