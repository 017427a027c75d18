package io.embeddingoperator.runner.command;

import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.manifest.ManifestReader;
import io.embeddingoperator.runner.manifest.ServedManifest;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which manifest a command is about. */
final class ManifestOption {
    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "the EmbeddingJob manifest, YAML or JSON")
    private Path file;

    Manifest read() {
        return ManifestReader.read(file);
    }

    ServedManifest readServed() {
        return ManifestReader.readServed(file);
    }
}
