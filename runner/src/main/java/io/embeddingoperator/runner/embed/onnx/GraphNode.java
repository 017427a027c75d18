package io.embeddingoperator.runner.embed.onnx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A node of a model's graph (the message NodeProto of onnx.proto), without its attributes. */
record GraphNode(String operator, List<String> inputs, List<String> outputs) {
    GraphNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    static GraphNode read(MemorySegment node) {
        String operator = "";
        String domain = "";
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        for (ProtobufField field : ProtobufField.of(node)) {
            switch (field.number()) {
                case 1 -> inputs.add(field.text());
                case 2 -> outputs.add(field.text());
                case 4 -> operator = field.text();
                case 7 -> domain = field.text();
                default -> {}
            }
        }
        // An operator of another domain may share no more than its name with ONNX's own.
        return new GraphNode(domain.isEmpty() ? operator : domain + "." + operator, inputs, outputs);
    }

    boolean is(String name) {
        return operator.equals(name);
    }
}
