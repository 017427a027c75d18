package io.embeddingoperator.cluster.image;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a container starts from.
 *
 * @param root the root file system
 * @param entrypoint the command, before the arguments of a pod
 * @param environment variables that the image sets
 * @param user {@code uid:gid} or a name; empty means root
 */
public record UnpackedImage(Path root, List<String> entrypoint, Map<String, String> environment, String user) {
    public UnpackedImage {
        entrypoint = List.copyOf(entrypoint);
        environment = Map.copyOf(environment);
        if (entrypoint.isEmpty()) {
            throw new IllegalArgumentException("the image of %s names no entrypoint".formatted(root));
        }
    }
}
