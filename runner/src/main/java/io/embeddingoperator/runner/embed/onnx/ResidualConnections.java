package io.embeddingoperator.runner.embed.onnx;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds the residual connections of a transformer that normalises after each sublayer, as BERT and its relatives do:
 * {@code LayerNorm(x + Dense(…))}, where x itself comes out of a layer normalisation. Both terms of such a sum hold a
 * hidden state for every token.
 */
final class ResidualConnections {
    private final Map<String, GraphNode> producers = new HashMap<>();
    private final Map<String, GraphWeight> weights;

    ResidualConnections(Collection<GraphNode> nodes, Collection<GraphWeight> weights) {
        for (GraphNode node : nodes) {
            node.outputs().forEach(output -> producers.put(output, node));
        }
        this.weights = weights.stream()
                .collect(Collectors.toMap(GraphWeight::name, Function.identity(), (first, second) -> first));
    }

    /** A layer normalisation over rows of {@code width} numbers. */
    private record Normalization(String input, String output, long width) {}

    /** The names of the terms of all such sums, with the length of a hidden state. */
    Map<String, Long> hiddenStates() {
        List<Normalization> normalizations = producers.values().stream()
                .distinct()
                .flatMap(node -> normalization(node).stream())
                .toList();
        Set<String> normalized =
                normalizations.stream().map(Normalization::output).collect(Collectors.toSet());
        Map<String, Long> hiddenStates = new TreeMap<>();
        for (Normalization each : normalizations) {
            GraphNode sum = producers.get(each.input());
            if (sum != null && sum.is("Add") && isResidual(sum.inputs(), normalized, each.width())) {
                sum.inputs().forEach(term -> hiddenStates.put(term, each.width()));
            }
        }
        return hiddenStates;
    }

    private boolean isResidual(List<String> terms, Set<String> normalized, long width) {
        return normalized.contains(terms.getFirst()) && isDense(terms.getLast(), width)
                || normalized.contains(terms.getLast()) && isDense(terms.getFirst(), width);
    }

    private boolean isDense(String tensor, long width) {
        return produced(tensor, "Add")
                .flatMap(sum -> withVector(sum, width, "MatMul"))
                .or(() -> produced(tensor, "MatMul"))
                .filter(product -> isWeight(product.inputs().getLast(), weight -> weight.projectsTo(width)))
                .isPresent();
    }

    /** Recognises the operator, and the arithmetic that exporters write in its place before operator set 17. */
    private Optional<Normalization> normalization(GraphNode node) {
        if (node.is("LayerNormalization")) {
            return Optional.ofNullable(weights.get(node.inputs().get(1)))
                    .filter(scale -> scale.shape().size() == 1)
                    .map(scale -> new Normalization(
                            node.inputs().getFirst(),
                            node.outputs().getFirst(),
                            scale.shape().getFirst()));
        }
        if (!node.is("Add")) {
            return Optional.empty();
        }
        return node.inputs().stream()
                .flatMap(input -> Optional.ofNullable(weights.get(input)).stream())
                .filter(bias -> bias.shape().size() == 1)
                .findFirst()
                .flatMap(bias -> spelledOut(node, bias.shape().getFirst()));
    }

    /** {@code (x - mean(x)) / sqrt(variance) * scale + bias}, matched from its end. */
    private Optional<Normalization> spelledOut(GraphNode shifted, long width) {
        return withVector(shifted, width, "Mul")
                .flatMap(scaled -> withVector(scaled, width, "Div"))
                .filter(divided -> produced(divided.inputs().getLast(), "Sqrt").isPresent())
                .flatMap(divided -> produced(divided.inputs().getFirst(), "Sub"))
                .filter(centered -> produced(centered.inputs().getLast(), "ReduceMean")
                        .filter(mean -> mean.inputs()
                                .getFirst()
                                .equals(centered.inputs().getFirst()))
                        .isPresent())
                .map(centered -> new Normalization(
                        centered.inputs().getFirst(), shifted.outputs().getFirst(), width));
    }

    /** What a sum or product takes beside a weight vector, when that is another operator's result. */
    private Optional<GraphNode> withVector(GraphNode node, long width, String other) {
        List<String> inputs = node.inputs();
        if (isWeight(inputs.getFirst(), weight -> weight.isVector(width))) {
            return produced(inputs.getLast(), other);
        }
        return isWeight(inputs.getLast(), weight -> weight.isVector(width))
                ? produced(inputs.getFirst(), other)
                : Optional.empty();
    }

    private Optional<GraphNode> produced(String tensor, String operator) {
        return Optional.ofNullable(producers.get(tensor)).filter(node -> node.is(operator));
    }

    private boolean isWeight(String name, Predicate<GraphWeight> condition) {
        GraphWeight weight = weights.get(name);
        return weight != null && condition.test(weight);
    }
}
