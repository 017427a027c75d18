package io.embeddingoperator.cluster.node;

import java.util.List;
import java.util.Map;

/**
 * What a container image is on a {@link LocalNode}: a program of this machine.
 *
 * @param entrypoint the program and its first arguments, as in an image: a container's {@code command} replaces it and
 *     its {@code args} follow it
 * @param env the image's variables, beneath the container's own. Containers share this machine's network, and every pod
 *     has an address of its own there: {@code $(POD_IP)} in a value stands for it, so that a program can be told to
 *     listen there alone, and pods with the same port live side by side
 */
public record ProcessImage(List<String> entrypoint, Map<String, String> env) {
    public ProcessImage {
        entrypoint = List.copyOf(entrypoint);
        env = Map.copyOf(env);
    }

    /** An image without variables. */
    public static ProcessImage of(String... entrypoint) {
        return new ProcessImage(List.of(entrypoint), Map.of());
    }
}
