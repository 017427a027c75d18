package io.embeddingoperator.runner.embed.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;

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

    /** Longer than the longest path on Linux. */
    private static final int LONGEST_TEXT = 1 << 13;

    /**
     * The fields of a message, in its order. They are found one by one and not kept: a file may hold hundreds of millions.
     * Going through them throws IllegalArgumentException or IndexOutOfBoundsException where it is no message.
     */
    static Iterable<ProtobufField> of(MemorySegment message) {
        return () -> new Cursor(message);
    }

    /** @throws IllegalArgumentException when it is longer than any name or path */
    String text() {
        if (content.byteSize() > LONGEST_TEXT) {
            throw new IllegalArgumentException("a name of %d bytes".formatted(content.byteSize()));
        }
        return content.byteSize() == 0 ? "" : new String(content.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private static ProtobufField next(Cursor cursor) {
        MemorySegment message = cursor.message;
        long start = cursor.at;
        long tag = cursor.varint();
        if (tag >>> Integer.SIZE != 0) {
            // ONNX Runtime would take a part of it for the field's number, and see another field here.
            throw new IllegalArgumentException("no Protobuf message");
        }
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
        return new ProtobufField(
                (int) (tag >>> 3),
                message.asSlice(start, cursor.at - start),
                message.asSlice(content, cursor.at - content));
    }

    /** The value of a field that holds a whole number. */
    long wholeNumber() {
        return new Cursor(content).varint();
    }

    private static final class Cursor implements Iterator<ProtobufField> {
        private final MemorySegment message;
        private long at;

        Cursor(MemorySegment message) {
            this.message = message;
        }

        @Override
        public boolean hasNext() {
            return at < message.byteSize();
        }

        @Override
        public ProtobufField next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return ProtobufField.next(this);
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
