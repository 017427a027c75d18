package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leaves the last progress where Kubernetes picks it up. */
public record TerminationReport(Optional<Path> file) {
    private static final Logger LOG = LoggerFactory.getLogger(TerminationReport.class);

    public void write(Progress progress) {
        file.ifPresent(path -> {
            try {
                Files.writeString(path, TerminationMessage.write(progress));
            } catch (IOException e) {
                LOG.warn("the termination message cannot be written to {}: {}", path, e.toString());
            }
        });
    }
}
