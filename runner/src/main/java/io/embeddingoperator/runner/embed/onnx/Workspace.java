package io.embeddingoperator.runner.embed.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Native memory that one call at a time lays its tensors out in, kept for the next call. Buffers on the heap would be
 * copied.
 */
final class Workspace {
    private final ByteBuffer[] buffers;

    /** @param tensors of a call, inputs and output */
    Workspace(int tensors) {
        buffers = new ByteBuffer[tensors];
        for (int i = 0; i < tensors; i++) {
            buffers[i] = direct(0);
        }
    }

    /** An empty buffer of exactly so many bytes; what it held before is gone. */
    ByteBuffer buffer(int tensor, int bytes) {
        if (buffers[tensor].capacity() < bytes) {
            buffers[tensor] = direct(bytes);
        }
        return buffers[tensor].slice(0, bytes).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
