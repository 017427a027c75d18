package io.embeddingoperator.operator.testing;

import io.embeddingoperator.operator.config.RunnerImages;
import java.util.List;

/** Images that no registry has. */
public final class TestingImages {
    public static final RunnerImages IMAGES = new RunnerImages(
            "registry.example.org/embedding-runner:test",
            "registry.example.org/embedding-runner-cuda:test",
            "IfNotPresent",
            List.of("registry-login"));

    private TestingImages() {}
}
