package io.embeddingoperator.runner.embed.onnx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor that a model was published with (the message TensorProto of onnx.proto).
 *
 * @param shape its sizes, outermost first
 * @param data its numbers, where they are in the model's file as bytes; otherwise empty
 * @param external whether its numbers lie in another file
 */
record GraphWeight(String name, List<Long> shape, boolean float32, MemorySegment data, boolean external) {
    private static final long FLOAT32 = 1;
    private static final long EXTERNAL = 1;

    /** Operators take tensors of at most 8 dimensions or so. */
    private static final int MOST_SIZES = 64;

    /** Less is as well copied, which also aligns it. */
    private static final long LARGE = 1 << 16;

    GraphWeight {
        shape = List.copyOf(shape);
    }

    static GraphWeight read(MemorySegment tensor) {
        String name = "";
        List<Long> shape = new ArrayList<>();
        boolean float32 = false;
        MemorySegment data = MemorySegment.NULL;
        boolean external = false;
        for (ProtobufField field : ProtobufField.of(tensor)) {
            switch (field.number()) {
                case 1 -> addSize(shape, field.wholeNumber());
                case 2 -> float32 = field.wholeNumber() == FLOAT32;
                case 8 -> name = field.text();
                case 9 -> data = field.content();
                case 14 -> external = field.wholeNumber() == EXTERNAL;
                default -> {}
            }
        }
        return new GraphWeight(name, shape, float32, data, external);
    }

    private static void addSize(List<Long> shape, long size) {
        if (shape.size() == MOST_SIZES) {
            throw new IllegalArgumentException("a tensor of more than %d dimensions".formatted(MOST_SIZES));
        }
        shape.add(size);
    }

    boolean isLarge() {
        return data.byteSize() >= LARGE;
    }

    boolean isVector(long length) {
        return float32 && shape.equals(List.of(length));
    }

    /** Whether a product with it has rows of that length. */
    boolean projectsTo(long length) {
        return float32 && shape.size() == 2 && shape.getLast() == length;
    }

    /**
     * The tensor with its numbers left where they are in a file.
     *
     * @param tensor the message that this was read from
     * @param file its name
     * @param offset of the first number's first byte
     */
    ProtobufMessage leftIn(MemorySegment tensor, String file, long offset) {
        ProtobufMessage message = new ProtobufMessage();
        for (ProtobufField field : ProtobufField.of(tensor)) {
            if (field.number() != 9) {
                message.copy(field);
            }
        }
        return message.put(13, entry("location", file))
                .put(13, entry("offset", Long.toString(offset)))
                .put(13, entry("length", Long.toString(data.byteSize())))
                .put(14, EXTERNAL);
    }

    private static ProtobufMessage entry(String key, String value) {
        return new ProtobufMessage().put(1, key).put(2, value);
    }
}
