package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model with the shapes written down that ONNX Runtime cannot infer.
 *
 * <p>ONNX Runtime computes a residual sum and the layer normalisation after it in one step, in a fifth of the time, but
 * only where it knows that both terms have one shape. In a usual export it does not: attention reshapes its result to
 * sizes that are computed while the model runs. Neither an operator nor a weight is changed here. Large weights stay
 * where they are and are mapped from there, so that a model is in memory once; its file must not change meanwhile.
 *
 * @param graph the message ModelProto of onnx.proto, without the large weights
 * @param weights the folder of the files that they are in
 */
record AnnotatedModel(byte[] graph, Path weights) {
    /** What a model holds beside large weights is on the heap for a moment. Usual is less than a megabyte. */
    private static final long MAX_BYTES = 1 << 23;

    /** Usual is some thousands; each takes some hundred bytes of the heap for a moment. */
    private static final int MAX_NAMES = 1 << 18;

    private static final String WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path";
    private static final long FLOAT32 = 1;

    /**
     * Annotates a model.
     *
     * @return empty when there is nothing to add
     * @throws IOException when the file cannot be read
     * @throws IllegalArgumentException or IndexOutOfBoundsException or NoSuchElementException when it is no ONNX model
     */
    static Optional<AnnotatedModel> of(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment model = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            if (bytesToCopy(model) > MAX_BYTES) {
                return Optional.empty();
            }
            Parts parts = Parts.read(model);
            Map<String, Long> hiddenStates = parts.hiddenStatesOfUnknownShape();
            if (hiddenStates.isEmpty()) {
                return Optional.empty();
            }
            // Weights are looked for in one folder alone. A link's target is in another, unless files beside it count.
            Path source =
                    parts.weights.stream().anyMatch(GraphWeight::external) ? file.toAbsolutePath() : file.toRealPath();
            String name = source.getFileName().toString();
            return Optional.of(
                    new AnnotatedModel(annotated(model, name, hiddenStates).toByteArray(), source.resolveSibling("")));
        }
    }

    /** Loads it with what else the options say. */
    OrtSession load(OrtEnvironment environment, SessionOptions options) throws OrtException {
        options.addConfigEntry(WEIGHTS_FOLDER, weights.toString());
        return environment.createSession(graph, options);
    }

    /** What a model's graph is made of. */
    private static final class Parts {
        private final List<GraphNode> nodes = new ArrayList<>();
        private final List<GraphWeight> weights = new ArrayList<>();
        private final List<String> shaped = new ArrayList<>();
        private int names;

        static Parts read(MemorySegment model) {
            Parts parts = new Parts();
            for (ProtobufField field : ProtobufField.of(model)) {
                if (field.number() == 7) {
                    ProtobufField.of(field.content()).forEach(parts::add);
                }
            }
            return parts;
        }

        private void add(ProtobufField field) {
            switch (field.number()) {
                case 1 -> add(GraphNode.read(field.content()));
                case 5 -> {
                    weights.add(GraphWeight.read(field.content()));
                    count(1);
                }
                case 12, 13 -> {
                    shaped.add(nameOfValue(field.content()));
                    count(1);
                }
                default -> {}
            }
        }

        private void add(GraphNode node) {
            nodes.add(node);
            count(1 + node.inputs().size() + node.outputs().size());
        }

        private void count(int more) {
            names += more;
            if (names > MAX_NAMES) {
                throw new IllegalArgumentException("its graph has more than %d names".formatted(MAX_NAMES));
            }
        }

        Map<String, Long> hiddenStatesOfUnknownShape() {
            Map<String, Long> hiddenStates = new ResidualConnections(nodes, weights).hiddenStates();
            shaped.forEach(hiddenStates::remove);
            return hiddenStates;
        }
    }

    private static long bytesToCopy(MemorySegment model) {
        long bytes = model.byteSize();
        for (ProtobufField graph : ProtobufField.of(model)) {
            if (graph.number() == 7) {
                for (ProtobufField field : ProtobufField.of(graph.content())) {
                    bytes -= field.number() == 5 ? bytesLeft(field.content()) : 0;
                }
            }
        }
        return bytes;
    }

    private static long bytesLeft(MemorySegment tensor) {
        GraphWeight weight = GraphWeight.read(tensor);
        return weight.isLarge() ? weight.data().byteSize() : 0;
    }

    private static ProtobufMessage annotated(MemorySegment model, String file, Map<String, Long> hiddenStates) {
        ProtobufMessage annotated = new ProtobufMessage();
        for (ProtobufField field : ProtobufField.of(model)) {
            if (field.number() == 7) {
                annotated.put(7, annotatedGraph(model, field.content(), file, hiddenStates));
            } else {
                annotated.copy(field);
            }
        }
        return annotated;
    }

    private static ProtobufMessage annotatedGraph(
            MemorySegment model, MemorySegment graph, String file, Map<String, Long> hiddenStates) {
        ProtobufMessage annotated = new ProtobufMessage();
        for (ProtobufField field : ProtobufField.of(graph)) {
            GraphWeight weight = field.number() == 5 ? GraphWeight.read(field.content()) : null;
            if (weight != null && weight.isLarge()) {
                long offset = weight.data().address() - model.address();
                annotated.put(5, weight.leftIn(field.content(), file, offset));
            } else {
                annotated.copy(field);
            }
        }
        hiddenStates.forEach((name, width) -> annotated.put(13, hiddenState(name, width)));
        return annotated;
    }

    /** The message ValueInfoProto: float32 of shape {@code [texts, tokens, width]}. */
    private static ProtobufMessage hiddenState(String name, long width) {
        ProtobufMessage shape = new ProtobufMessage()
                .put(1, new ProtobufMessage().put(2, "texts"))
                .put(1, new ProtobufMessage().put(2, "tokens"))
                .put(1, new ProtobufMessage().put(1, width));
        ProtobufMessage tensor = new ProtobufMessage().put(1, FLOAT32).put(2, shape);
        return new ProtobufMessage().put(1, name).put(2, new ProtobufMessage().put(1, tensor));
    }

    private static String nameOfValue(MemorySegment value) {
        String name = "";
        for (ProtobufField field : ProtobufField.of(value)) {
            if (field.number() == 1) {
                name = field.text();
            }
        }
        return name;
    }
}
