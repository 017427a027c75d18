package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.OpenAiTokenizer;
import io.embeddingoperator.runner.embed.openai.batch.BatchLines;
import io.embeddingoperator.runner.embed.openai.batch.CustomId;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.WaitingDocument;
import io.embeddingoperator.runner.sink.PendingDocuments;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the files of batches to the disk, each for the time of its upload. */
final class BatchFiles {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final TemporaryFolder folder;
    private final BatchLines lines;
    private final OpenAiTokenizer tokenizer;

    BatchFiles(TemporaryFolder folder, BatchLines lines, OpenAiTokenizer tokenizer) {
        this.folder = folder;
        this.lines = lines;
        this.tokenizer = tokenizer;
    }

    /** Bytes that the line of a document takes, in any batch. */
    long lineBytes(WaitingDocument document) {
        return lines.bytes(inputs(document));
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
            pending.documents(batch.id(), row -> {
                writeLine(out, CustomId.of(batch.id(), row.ordinal()), inputs(row.document()));
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

    private List<String> inputs(WaitingDocument document) {
        return document.chunks().stream()
                .map(chunk -> tokenizer.sent(chunk.content(document.document().text()), chunk.truncated()))
                .toList();
    }

    private static @Nullable String cause(Exception e) {
        return e instanceof UncheckedIOException unchecked
                ? Objects.requireNonNull(unchecked.getCause()).getMessage()
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
