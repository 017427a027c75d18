package io.embeddingoperator.openai.simulator.batch;

import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The lines of one input file, on disk: a few dozen bytes each, however long their texts are. */
final class LineIndex {
    private final Path path;
    private final int[] offsets;

    private LineIndex(Path path, int[] offsets) {
        this.path = path;
        this.offsets = offsets;
    }

    int lines() {
        return offsets.length;
    }

    Lines load() throws IOException {
        return new Lines(Files.readAllBytes(path), offsets);
    }

    /** All lines in memory, for as long as they are worked with. */
    record Lines(byte[] bytes, int[] offsets) {
        BatchLine line(int number) {
            int from = offsets[number];
            try {
                return BatchLine.readFrom(
                        new DataInputStream(new ByteArrayInputStream(bytes, from, bytes.length - from)));
            } catch (IOException e) {
                throw new UncheckedIOException("line " + number + " of a batch cannot be read", e);
            }
        }
    }

    /** Writes an index. */
    static final class Writer implements AutoCloseable {
        private final Path path;
        private final DataOutputStream out;
        private int[] offsets = new int[1024];
        private int lines;

        Writer(Path path) throws IOException {
            this.path = path;
            this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path)));
        }

        void add(BatchLine line) throws IOException {
            if (lines == offsets.length) {
                offsets = Arrays.copyOf(offsets, lines * 2);
            }
            offsets[lines++] = out.size();
            line.writeTo(out);
        }

        LineIndex finish() throws IOException {
            out.close();
            return new LineIndex(path, Arrays.copyOf(offsets, lines));
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
