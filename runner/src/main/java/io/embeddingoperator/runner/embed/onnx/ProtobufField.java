package io.embeddingoperator.runner.embed.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A field of a Protobuf message. The few fields that the runner needs of a model are found by stepping over the rest,
 * weights included, without reading it.
 *
 * @param encoded the whole field as it stands in the message
 * @param content what it holds: bytes, text or another message, or the bytes of a number
 */
record ProtobufField(int number, MemorySegment encoded, MemorySegment content) {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    /**
     * The fields of a message, in its order.
     *
     * @throws IllegalArgumentException or IndexOutOfBoundsException when it is no message
     */
    static List<ProtobufField> of(MemorySegment message) {
        List<ProtobufField> fields = new ArrayList<>();
        Cursor cursor = new Cursor(message);
        while (cursor.at < message.byteSize()) {
            long start = cursor.at;
            long tag = cursor.varint();
            long content = cursor.at;
            switch ((int) (tag & 7)) {
                case VARINT -> cursor.varint();
                case FIXED64 -> cursor.at += Long.BYTES;
                case FIXED32 -> cursor.at += Integer.BYTES;
                case LENGTH_DELIMITED -> {
                    long length = cursor.varint();
                    content = cursor.at;
                    cursor.at += length;
                }
                default -> throw new IllegalArgumentException("no Protobuf message");
            }
            fields.add(new ProtobufField(
                    (int) (tag >>> 3),
                    message.asSlice(start, cursor.at - start),
                    message.asSlice(content, cursor.at - content)));
        }
        return fields;
    }

    String text() {
        return new String(content.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** The value of a field that holds a whole number. */
    long wholeNumber() {
        return new Cursor(content).varint();
    }

    private static final class Cursor {
        private final MemorySegment message;
        private long at;

        Cursor(MemorySegment message) {
            this.message = message;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                byte part = message.get(JAVA_BYTE, at++);
                value |= (long) (part & 0x7F) << shift;
                if (part >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("no Protobuf message");
        }
    }
}
