package io.embeddingoperator.openai.simulator.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A form with a file, the file on disk already.
 *
 * @param file of the part named file
 */
record Upload(Map<String, String> fields, Optional<Path> file, String filename) {
    Upload {
        fields = Map.copyOf(fields);
    }

    void discard() throws IOException {
        if (file.isPresent()) {
            Files.deleteIfExists(file.get());
        }
    }
}
