package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What ONNX Runtime does not tell about a model file, read from the file itself (the message ModelProto of onnx.proto).
 *
 * @param operators the kinds of node that it has, in all its graphs and functions
 * @param externalFiles where weights lie that are not in the file, relative to its folder
 */
record ModelGraph(Set<String> operators, Set<String> externalFiles) {
    private static final List<String> DYNAMIC_QUANTIZATION =
            List.of("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM");

    static ModelGraph read(Path file) {
        ModelGraph graph = new ModelGraph(new TreeSet<>(), new TreeSet<>());
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            graph.readModel(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            return graph;
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SpecificationException(
                    "the model file %s cannot be read: check that it is a complete ONNX model".formatted(file), e);
        }
    }

    /**
     * Whether activations are quantised by the range of a whole batch, so that a text's vector depends on what shares
     * its batch. Ranges that were fixed when the model was quantised do no such thing.
     */
    boolean quantizesByBatch() {
        return operators.stream().anyMatch(DYNAMIC_QUANTIZATION::contains);
    }

    private void readModel(MemorySegment model) {
        for (ProtobufField field : ProtobufField.of(model)) {
            switch (field.number()) {
                case 7 -> readGraph(field.content());
                case 25 -> readFunction(field.content());
                default -> {}
            }
        }
    }

    private void readFunction(MemorySegment function) {
        for (ProtobufField field : ProtobufField.of(function)) {
            if (field.number() == 7) {
                readNode(field.content());
            }
        }
    }

    private void readGraph(MemorySegment graph) {
        for (ProtobufField field : ProtobufField.of(graph)) {
            switch (field.number()) {
                case 1 -> readNode(field.content());
                case 5 -> readTensor(field.content());
                default -> {}
            }
        }
    }

    private void readNode(MemorySegment node) {
        for (ProtobufField field : ProtobufField.of(node)) {
            switch (field.number()) {
                case 4 -> operators.add(field.text());
                case 5 -> readAttribute(field.content());
                default -> {}
            }
        }
    }

    /** An attribute may hold a graph, as the branches of If do. */
    private void readAttribute(MemorySegment attribute) {
        for (ProtobufField field : ProtobufField.of(attribute)) {
            if (field.number() == 6) {
                readGraph(field.content());
            }
        }
    }

    private void readTensor(MemorySegment tensor) {
        for (ProtobufField field : ProtobufField.of(tensor)) {
            if (field.number() == 13) {
                List<ProtobufField> entry = ProtobufField.of(field.content());
                if (entry.getFirst().text().equals("location")) {
                    externalFiles.add(entry.getLast().text());
                }
            }
        }
    }
}
