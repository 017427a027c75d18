package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import java.util.Optional;

/**
 * A file behind a URL.
 *
 * @param path where it lies in its folder, on the server as on this machine
 * @param sha256 64 lower-case hexadecimal digits, where the manifest gives them
 * @param field of the manifest that gives the checksum, or could
 * @param maxBytes that such a file may have
 * @param token sent to the server of the URL, and to no other
 */
record RemoteFile(
        URI url, String path, Optional<String> sha256, String field, long maxBytes, Optional<HubToken> token) {
    RemoteFile {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(sha256, "sha256");
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(token, "token");
    }

    /** @throws SpecificationException when it is no address */
    static URI parsed(String url, String field) {
        try {
            URI parsed = new URI(url);
            if (parsed.getHost() == null) {
                throw new SpecificationException(
                        "the model's URL, beside %s, names no host: use the form https://host/path".formatted(field));
            }
            return parsed;
        } catch (URISyntaxException e) {
            throw new SpecificationException(
                    "the model's URL, beside %s, is malformed at character %d (%s): write it percent-encoded"
                            .formatted(field, e.getIndex() + 1, e.getReason()));
        }
    }

    /** The URL without what may be secret: user information and query. */
    @Override
    public String toString() {
        return withoutSecrets(url);
    }

    static String withoutSecrets(URI url) {
        return "%s://%s%s%s"
                .formatted(url.getScheme(), url.getHost(), url.getPort() < 0 ? "" : ":" + url.getPort(), url.getPath());
    }
}
