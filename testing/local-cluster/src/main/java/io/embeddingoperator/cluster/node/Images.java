package io.embeddingoperator.cluster.node;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The images that a node has; any other one is not to be had, in the words of the kubelet and containerd. */
record Images(Map<String, ProcessImage> programs, Map<String, Path> contents) {
    private static final Pattern REFERENCE =
            Pattern.compile("[a-z0-9][a-z0-9._:/-]*?(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@sha256:[0-9a-f]{64})?");

    ProcessImage program(String reference, String pullPolicy) throws NotStartedException {
        return pulled(programs, reference, pullPolicy);
    }

    /** The folder that stands for an image mounted as a volume. */
    Path content(String reference, String pullPolicy) throws NotStartedException {
        return pulled(contents, reference, pullPolicy);
    }

    private static <T> T pulled(Map<String, T> images, String reference, String pullPolicy) throws NotStartedException {
        Optional<T> image = Optional.ofNullable(images.get(reference));
        if (image.isPresent()) {
            return image.get();
        }
        if (!REFERENCE.matcher(reference).matches()) {
            throw new NotStartedException(
                    "InvalidImageName",
                    "Failed to apply default image tag \"" + reference + "\": couldn't parse image name \"" + reference
                            + "\": invalid reference format");
        }
        if ("Never".equals(pullPolicy)) {
            throw new NotStartedException(
                    "ErrImageNeverPull",
                    "Container image \"" + reference + "\" is not present with pull policy of Never");
        }
        throw NotStartedException.pull(
                reference,
                "rpc error: code = NotFound desc = failed to pull and unpack image \"" + reference
                        + "\": failed to resolve reference \"" + reference + "\": " + reference + ": not found");
    }
}
