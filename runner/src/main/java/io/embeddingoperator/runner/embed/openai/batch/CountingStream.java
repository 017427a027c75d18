package io.embeddingoperator.runner.embed.openai.batch;

import java.io.OutputStream;

/** Counts what is written, and keeps nothing of it. */
final class CountingStream extends OutputStream {
    private long bytes;

    long bytes() {
        return bytes;
    }

    @Override
    public void write(int b) {
        bytes++;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
        bytes += length;
    }
}
