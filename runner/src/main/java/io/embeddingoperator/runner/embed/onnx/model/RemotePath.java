package io.embeddingoperator.runner.embed.onnx.model;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a file lies in a folder of a server: below it, be the path from a manifest or from a file of the model.
 *
 * @param path without a slash at its ends, and without steps up
 */
record RemotePath(String path) {
    /** Empty where the path leads out of the folder, or is none. */
    static Optional<RemotePath> of(String path) {
        try {
            Path normal = Path.of(path).normalize();
            boolean inside = !normal.isAbsolute()
                    && !normal.startsWith("..")
                    && !normal.toString().isEmpty();
            return inside ? Optional.of(new RemotePath(normal.toString())) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Percent-encoded, as it stands in a URL. */
    String encoded() {
        return Arrays.stream(path.split("/")).map(RemotePath::encoded).collect(Collectors.joining("/"));
    }

    /** One part of a URL's path. */
    static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
