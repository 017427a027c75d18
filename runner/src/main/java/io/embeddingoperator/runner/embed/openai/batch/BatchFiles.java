package io.embeddingoperator.runner.embed.openai.batch;

import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.pending.BatchRecord;
import io.embeddingoperator.runner.sink.pending.PackedDocument;
import io.embeddingoperator.runner.sink.pending.PendingDocuments;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Writes the files of batches to the disk, each for the time of its upload. */
final class BatchFiles {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final TemporaryFolder folder;
    private final BatchLines lines;
    private final InputText texts;

    BatchFiles(TemporaryFolder folder, BatchLines lines, InputText texts) {
        this.folder = folder;
        this.lines = lines;
        this.texts = texts;
    }

    /** A file on the disk, which closing removes. */
    record WrittenFile(Path path, int documents, long bytes) implements AutoCloseable {
        @Override
        public void close() {
            delete(path);
        }
    }

    /** Writes the documents of a batch that are still pending. */
    WrittenFile write(BatchRecord batch, PendingDocuments pending) {
        Path path = folder.file(batch.fileName());
        int[] documents = new int[1];
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), BUFFER_BYTES)) {
            pending.documents(batch.id(), document -> {
                writeLine(out, CustomId.of(batch.id(), document.ordinal()), inputs(document.packed()));
                documents[0]++;
            });
        } catch (IOException | UncheckedIOException e) {
            delete(path);
            throw new UnavailableException(
                    "the file of a batch with %,d bytes cannot be written to %s (%s): give it room, or set -Djava.io.tmpdir to another folder"
                            .formatted(batch.bytes(), path.getParent(), cause(e)),
                    e);
        }
        return new WrittenFile(path, documents[0], size(path));
    }

    private void writeLine(OutputStream out, String customId, List<String> inputs) {
        try {
            lines.write(out, customId, inputs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> inputs(PackedDocument document) {
        return IntStream.range(0, document.chunks().size())
                .mapToObj(chunk -> texts.of(
                        document.content(chunk), document.chunks().get(chunk).truncated()))
                .toList();
    }

    private static String cause(Exception e) {
        return e instanceof UncheckedIOException unchecked
                ? unchecked.getCause().getMessage()
                : e.getMessage();
    }

    private static long size(Path path) {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
