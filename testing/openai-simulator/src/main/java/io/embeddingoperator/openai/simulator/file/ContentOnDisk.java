package io.embeddingoperator.openai.simulator.file;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a client has uploaded. */
public record ContentOnDisk(Path path, long length) implements Content {
    public static ContentOnDisk of(Path path) throws IOException {
        return new ContentOnDisk(path, Files.size(path));
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        Files.copy(path, out);
    }

    @Override
    public void discard() throws IOException {
        Files.deleteIfExists(path);
    }
}
