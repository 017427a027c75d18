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
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The output that vectors are taken from.
 *
 * <p>Where the manifest names none, it is found by running the model, in this order:
 * <ol>
 *   <li>the one with a vector a text and a name that publishers give to an embedding ({@code sentence_embedding}, {@code
 *       text_embeds} …): the model's author put pooling and what follows it into the graph, so neither the manifest's pooling
 *       nor that of the model's files is applied;
 *   <li>{@code last_hidden_state} or {@code token_embeddings}, otherwise the only output with a vector a token: pooled;
 *   <li>the only output of all, when it has a vector a text: taken as pooled.
 * </ol>
 * What heads of other kinds give (logits, scores, sparse weights, a vector a token for late interaction) is never taken, nor what
 * has fewer numbers than any embedding. {@code pooler_output} beside token vectors is a part of BERT's training and no embedding.
 *
 * @param pooled whether a row is a text's vector; otherwise a token's
 * @param dimensions of a row
 */
record ModelOutput(String name, boolean pooled, FloatFormat format, int dimensions) {
    /** Classifiers have as many numbers as classes, and scores are one. */
    static final int FEWEST_DIMENSIONS = 8;

    private static final Set<String> POOLED_NAMES = Set.of(
            "dense_vecs",
            "embedding",
            "embeddings",
            "pooled_embeddings",
            "sentence_embedding",
            "sentence_embeddings",
            "text_embedding",
            "text_embeddings",
            "text_embeds");

    private static final Set<String> TOKEN_NAMES = Set.of("last_hidden_state", "token_embeddings");

    private static final Pattern OTHER_HEAD = Pattern.compile("(?i).*(logit|score|probabilit|sparse|colbert|label).*");

    /**
     * Finds the output in what a run gave.
     *
     * @param texts and {@code longest}: the run's batch shape, two different numbers that are unlikely for any other
     *     axis
     * @param wanted the name that the manifest gives
     */
    static ModelOutput find(OrtSession.Result result, int texts, int longest, Path file, Optional<String> wanted) {
        List<ModelOutput> all = new ArrayList<>();
        for (Map.Entry<String, OnnxValue> entry : result) {
            candidate(entry.getKey(), entry.getValue(), texts, longest).ifPresent(all::add);
        }
        if (wanted.isPresent()) {
            return all.stream()
                    .filter(output -> output.name.equals(wanted.get()))
                    .findFirst()
                    .orElseThrow(() -> new SpecificationException(
                            ("spec.embedder.onnx.output is %s, and the model %s has %s: name one that is float, of %d or"
                                            + " more dimensions, and has a vector a text or a token")
                                    .formatted(wanted.get(), file, describe(result), FEWEST_DIMENSIONS)));
        }
        List<ModelOutput> fit = all.stream()
                .filter(output -> !OTHER_HEAD.matcher(output.name).matches())
                .toList();
        return one(fit, output -> output.pooled && POOLED_NAMES.contains(output.name), file)
                .or(() -> one(fit, output -> !output.pooled && TOKEN_NAMES.contains(output.name), file))
                .or(() -> one(fit, output -> !output.pooled, file))
                .or(() -> result.size() == 1 ? one(fit, output -> output.pooled, file) : Optional.empty())
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
        if ((!pooled && !tokens) || shape[shape.length - 1] < FEWEST_DIMENSIONS) {
            return Optional.empty();
        }
        return FloatFormat.of(tensor.getInfo().type)
                .map(format -> new ModelOutput(name, pooled, format, (int) shape[shape.length - 1]));
    }

    private static Optional<ModelOutput> one(List<ModelOutput> outputs, Predicate<ModelOutput> fits, Path file) {
        List<ModelOutput> fitting = outputs.stream().filter(fits).toList();
        if (fitting.size() > 1) {
            throw new SpecificationException(
                    "the model %s has several outputs that may be its embedding (%s): name one in spec.embedder.onnx.output"
                            .formatted(
                                    file,
                                    fitting.stream().map(ModelOutput::name).collect(Collectors.joining(", "))));
        }
        return fitting.stream().findFirst();
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
