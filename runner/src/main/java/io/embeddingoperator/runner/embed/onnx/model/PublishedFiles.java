package io.embeddingoperator.runner.embed.onnx.model;

import java.nio.file.Path;
import java.util.Optional;

/** The small files that a model is published with, and that say how its vectors are meant to be made. */
@FunctionalInterface
public interface PublishedFiles {
    /**
     * A file as it lies on this machine, after fetching it where the model comes from a server.
     *
     * @param path below the folder or repository of the model, for example {@code 1_Pooling/config.json}
     * @return empty where the model was published without it
     * @throws io.embeddingoperator.runner.failure.SpecificationException when it is there and the runner may not read it
     * @throws io.embeddingoperator.runner.failure.UnavailableException when a server does not let it in
     */
    Optional<Path> find(String path);
}
