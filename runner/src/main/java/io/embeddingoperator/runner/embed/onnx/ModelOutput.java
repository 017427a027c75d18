package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The output that vectors are taken from.
 *
 * <p>Found by running the model, in this order:
 * <ol>
 *   <li>{@code sentence_embedding}, a vector a text: the model's author put pooling and whatever follows it (a dense
 *       layer, for example) into the graph, so the manifest's pooling is not applied;
 *   <li>{@code last_hidden_state} or {@code token_embeddings}, otherwise the only output with a vector a token: pooled
 *       as the manifest says;
 *   <li>the only output of all, when it has a vector a text and is not called {@code logits}: taken as pooled.
 * </ol>
 * {@code pooler_output} beside token vectors is a part of BERT's training and no embedding: it is never preferred.
 *
 * @param pooled whether a row is a text's vector; otherwise a token's
 * @param dimensions of a row
 */
record ModelOutput(String name, boolean pooled, FloatFormat format, int dimensions) {
    private static final List<String> POOLED_NAMES = List.of("sentence_embedding");
    private static final List<String> TOKEN_NAMES = List.of("last_hidden_state", "token_embeddings");

    /**
     * Finds the output in what a run gave.
     *
     * @param texts and {@code longest}: the run's batch shape, two different numbers that are unlikely for any other
     *     axis
     */
    static ModelOutput find(OrtSession.Result result, int texts, int longest, Path file) {
        List<ModelOutput> pooled = new ArrayList<>();
        List<ModelOutput> tokens = new ArrayList<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
            candidate(entry.getKey(), entry.getValue(), texts, longest)
                    .ifPresent(output -> (output.pooled ? pooled : tokens).add(output));
        }
        return named(pooled, POOLED_NAMES)
                .or(() -> named(tokens, TOKEN_NAMES))
                .or(() -> only(tokens))
                .or(() -> result.size() == 1
                        ? only(pooled).filter(output -> !output.name.equals("logits"))
                        : Optional.empty())
                .orElseThrow(() -> new SpecificationException(
                        "the model %s has no output that vectors can be taken from; it has %s: export it with "
                                        .formatted(file, describe(result))
                                + "last_hidden_state (float [batch, sequence, dimensions]) "
                                + "or sentence_embedding (float [batch, dimensions])"));
    }

    /** Bytes of the output for a batch. */
    int bytes(int texts, int longest) {
        int rows = pooled ? texts : Math.multiplyExact(texts, longest);
        return Math.multiplyExact(Math.multiplyExact(rows, dimensions), format.bytes());
    }

    long[] shape(int texts, int longest) {
        return pooled ? new long[] {texts, dimensions} : new long[] {texts, longest, dimensions};
    }

    private static Optional<ModelOutput> candidate(String name, OnnxValue value, int texts, int longest) {
        if (!(value instanceof OnnxTensor tensor)) {
            return Optional.empty();
        }
        long[] shape = tensor.getInfo().getShape();
        boolean pooled = shape.length == 2 && shape[0] == texts;
        boolean tokens = shape.length == 3 && shape[0] == texts && shape[1] == longest;
        if (!pooled && !tokens) {
            return Optional.empty();
        }
        return FloatFormat.of(tensor.getInfo().type)
                .map(format -> new ModelOutput(name, pooled, format, (int) shape[shape.length - 1]));
    }

    private static Optional<ModelOutput> named(List<ModelOutput> outputs, List<String> names) {
        return outputs.stream().filter(output -> names.contains(output.name)).findFirst();
    }

    private static Optional<ModelOutput> only(List<ModelOutput> outputs) {
        return outputs.size() == 1 ? Optional.of(outputs.getFirst()) : Optional.empty();
    }

    private static String describe(OrtSession.Result result) {
        List<String> outputs = new ArrayList<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
            outputs.add("%s (%s)"
                    .formatted(
                            entry.getKey(),
                            entry.getValue().getInfo() instanceof TensorInfo tensor
                                    ? TensorShape.describe(tensor)
                                    : "not a tensor"));
        }
        return outputs.stream().collect(Collectors.joining(", "));
    }
}
