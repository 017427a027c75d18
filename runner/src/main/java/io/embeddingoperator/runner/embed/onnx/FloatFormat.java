package io.embeddingoperator.runner.embed.onnx;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import ai.onnxruntime.OnnxJavaType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/** The forms in which models give floats; a vector is always read as float32. */
enum FloatFormat {
    FLOAT32(OnnxJavaType.FLOAT, Float.BYTES) {
        @Override
        void read(MemorySegment source, long row, float[] vector) {
            MemorySegment.copy(
                    source, JAVA_FLOAT_UNALIGNED, row * vector.length * Float.BYTES, vector, 0, vector.length);
        }
    },
    FLOAT16(OnnxJavaType.FLOAT16, Short.BYTES) {
        @Override
        void read(MemorySegment source, long row, float[] vector) {
            long start = row * vector.length * Short.BYTES;
            for (int i = 0; i < vector.length; i++) {
                vector[i] = Float.float16ToFloat(source.get(JAVA_SHORT_UNALIGNED, start + (long) i * Short.BYTES));
            }
        }
    },
    BFLOAT16(OnnxJavaType.BFLOAT16, Short.BYTES) {
        @Override
        void read(MemorySegment source, long row, float[] vector) {
            long start = row * vector.length * Short.BYTES;
            for (int i = 0; i < vector.length; i++) {
                vector[i] =
                        Float.intBitsToFloat(source.get(JAVA_SHORT_UNALIGNED, start + (long) i * Short.BYTES) << 16);
            }
        }
    };

    private final OnnxJavaType type;
    private final int bytes;

    FloatFormat(OnnxJavaType type, int bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    static Optional<FloatFormat> of(OnnxJavaType type) {
        return Arrays.stream(values()).filter(format -> format.type == type).findFirst();
    }

    OnnxJavaType type() {
        return type;
    }

    /** Of one value. */
    int bytes() {
        return bytes;
    }

    /** Reads one of the rows that lie one after another, each as long as the vector. */
    abstract void read(MemorySegment source, long row, float[] vector);
}
