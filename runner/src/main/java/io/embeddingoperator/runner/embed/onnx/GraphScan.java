package io.embeddingoperator.runner.embed.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/**
 * One pass over a model (the message ModelProto of onnx.proto) that meets every node and every tensor, wherever one may stand: in
 * graphs inside of graphs, functions, attributes, sparse tensors and what a model keeps for its training. A tensor that ONNX
 * Runtime finds and this pass does not could name any file.
 */
final class GraphScan {
    /** Graphs inside of graphs, as the branches of If are; Protobuf itself ends at 100 messages inside of each other. */
    private static final int DEEPEST = 32;

    private static final int MOST_NAMES = 1 << 14;
    private static final long EXTERNAL = 1;
    private static final String ORT_FORMAT = "ORTM";

    private final Set<String> operators = new TreeSet<>();
    private final Set<String> locations = new TreeSet<>();
    private final WeightSizes.Builder sizes = new WeightSizes.Builder();
    private int depth;

    private GraphScan() {}

    /** @throws IllegalArgumentException or IndexOutOfBoundsException when it is no ONNX model, or one that hides a file */
    static GraphScan of(MemorySegment model) {
        if (model.byteSize() > 8
                && new String(model.asSlice(4, 4).toArray(JAVA_BYTE), StandardCharsets.ISO_8859_1).equals(ORT_FORMAT)) {
            throw new IllegalArgumentException("it is in ONNX Runtime's own format");
        }
        GraphScan scan = new GraphScan();
        for (ProtobufField field : ProtobufField.of(model)) {
            switch (field.number()) {
                case 7 -> scan.graph(field.content());
                case 20 -> scan.training(field.content());
                case 25 -> scan.function(field.content());
                default -> {}
            }
        }
        return scan;
    }

    Set<String> operators() {
        return operators;
    }

    /** The names of files with weights, as the model gives them. */
    Set<String> locations() {
        return locations;
    }

    WeightSizes sizes() {
        return sizes.build();
    }

    private void graph(MemorySegment graph) {
        if (++depth > DEEPEST) {
            throw new IllegalArgumentException("its graphs are nested deeper than %d".formatted(DEEPEST));
        }
        for (ProtobufField field : ProtobufField.of(graph)) {
            switch (field.number()) {
                case 1 -> node(field.content());
                case 5 -> tensor(field.content());
                case 15 -> sparseTensor(field.content());
                default -> {}
            }
        }
        depth--;
    }

    /** The message TrainingInfoProto: two graphs. */
    private void training(MemorySegment training) {
        for (ProtobufField field : ProtobufField.of(training)) {
            switch (field.number()) {
                case 1, 2 -> graph(field.content());
                default -> {}
            }
        }
    }

    private void function(MemorySegment function) {
        for (ProtobufField field : ProtobufField.of(function)) {
            switch (field.number()) {
                case 7 -> node(field.content());
                case 11 -> attribute(field.content());
                default -> {}
            }
        }
    }

    private void node(MemorySegment node) {
        for (ProtobufField field : ProtobufField.of(node)) {
            switch (field.number()) {
                case 4 -> add(operators, field.text());
                case 5 -> attribute(field.content());
                default -> {}
            }
        }
    }

    private void attribute(MemorySegment attribute) {
        for (ProtobufField field : ProtobufField.of(attribute)) {
            switch (field.number()) {
                case 5, 10 -> tensor(field.content());
                case 6, 11 -> graph(field.content());
                case 22, 23 -> sparseTensor(field.content());
                default -> {}
            }
        }
    }

    /** Two tensors: values and where they stand. */
    private void sparseTensor(MemorySegment sparse) {
        for (ProtobufField field : ProtobufField.of(sparse)) {
            switch (field.number()) {
                case 1, 2 -> tensor(field.content());
                default -> {}
            }
        }
    }

    private void tensor(MemorySegment tensor) {
        boolean external = false;
        boolean named = false;
        for (ProtobufField field : ProtobufField.of(tensor)) {
            switch (field.number()) {
                case 13 -> named |= location(field.content());
                case 14 -> external |= field.wholeNumber() == EXTERNAL;
                default -> {}
            }
        }
        if (external != named) {
            // Two halves of a message that ONNX Runtime puts together, or a name that nothing but the runner would
            // read.
            throw new IllegalArgumentException(
                    external
                            ? "a tensor lies in another file and does not say in which"
                            : "a tensor names a file although its numbers are in the model");
        }
        sizes.add(tensor);
    }

    /** Whether an entry of a tensor's external_data names a file. */
    private boolean location(MemorySegment entry) {
        String key = "";
        String value = "";
        for (ProtobufField field : ProtobufField.of(entry)) {
            switch (field.number()) {
                case 1 -> key = field.text();
                case 2 -> value = field.text();
                default -> {}
            }
        }
        if (key.equals("location")) {
            add(locations, value);
            return true;
        }
        return false;
    }

    private static void add(Set<String> names, String name) {
        names.add(name);
        if (names.size() > MOST_NAMES) {
            throw new IllegalArgumentException("it has more than %d names".formatted(MOST_NAMES));
        }
    }
}
