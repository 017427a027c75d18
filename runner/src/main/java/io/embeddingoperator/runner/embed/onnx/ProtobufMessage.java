package io.embeddingoperator.runner.embed.onnx;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A Protobuf message that is being written, field by field. */
final class ProtobufMessage {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ProtobufMessage copy(ProtobufField field) {
        bytes.writeBytes(field.encoded().toArray(JAVA_BYTE));
        return this;
    }

    ProtobufMessage put(int field, long wholeNumber) {
        varint((long) field << 3 | VARINT);
        varint(wholeNumber);
        return this;
    }

    ProtobufMessage put(int field, String text) {
        return put(field, text.getBytes(StandardCharsets.UTF_8));
    }

    ProtobufMessage put(int field, ProtobufMessage message) {
        return put(field, message.toByteArray());
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    private ProtobufMessage put(int field, byte[] content) {
        varint((long) field << 3 | LENGTH_DELIMITED);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }
}
