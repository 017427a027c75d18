package io.embeddingoperator.runner.embed.onnx.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A file of a server in the cache. A file that stands there is complete; what is noted of it lies apart, since a model may name
 * files beside itself as it likes.
 *
 * @param file where it stands
 * @param notes what the names of the notes about it begin with
 */
record KeptFile(Path file, Path notes) {
    static KeptFile of(Path folder, String path) {
        return new KeptFile(
                folder.resolve("files").resolve(path), folder.resolve("notes").resolve(path));
    }

    /** Whether it stands there, with the checksum that is asked for, otherwise with the one that it came with. */
    boolean isHere(Optional<String> sha256) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        Optional<String> expected = sha256.or(this::notedSha256);
        return expected.isPresent() && FileHash.sha256(file).equals(expected.get());
    }

    /** Whether the server once said that there is no such file. */
    boolean isAbsent() {
        return Files.isRegularFile(note("absent")) && !Files.exists(file);
    }

    void noteAbsence() throws IOException {
        Files.writeString(note("absent"), "");
    }

    /** Takes a complete file in. */
    void put(Path complete, String sha256) throws IOException {
        Files.writeString(note("sha256"), sha256);
        Files.createDirectories(file.getParent());
        Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
    }

    Path lock() {
        return note("lock");
    }

    PartialFile partial() {
        return PartialFile.of(notes);
    }

    private Optional<String> notedSha256() {
        try {
            return Optional.of(Files.readString(note("sha256")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Path note(String kind) {
        return Path.of(notes + "." + kind);
    }
}
