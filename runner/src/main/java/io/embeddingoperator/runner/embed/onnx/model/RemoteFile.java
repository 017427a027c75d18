package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * A file behind a URL, trusted by its checksum alone.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param sha256Field where the manifest gives the checksum
 * @param maxBytes that such a file may have
 */
record RemoteFile(URI url, String sha256, String sha256Field, long maxBytes) {
    static RemoteFile model(String url, String sha256, String sha256Field) {
        return of(url, sha256, sha256Field, FileLimits.MODEL_BYTES);
    }

    static RemoteFile tokenizer(String url, String sha256, String sha256Field) {
        return of(url, sha256, sha256Field, FileLimits.TOKENIZER_BYTES);
    }

    private static RemoteFile of(String url, String sha256, String sha256Field, long maxBytes) {
        try {
            URI parsed = new URI(url);
            if (parsed.getHost() == null) {
                throw new SpecificationException(
                        "the model's URL, beside %s, names no host: use the form https://host/path"
                                .formatted(sha256Field));
            }
            return new RemoteFile(parsed, sha256, sha256Field, maxBytes);
        } catch (URISyntaxException e) {
            throw new SpecificationException(
                    "the model's URL, beside %s, is malformed at character %d (%s): write it percent-encoded"
                            .formatted(sha256Field, e.getIndex() + 1, e.getReason()));
        }
    }

    /** The URL without what may be secret: user information and query. */
    @Override
    public String toString() {
        return "%s://%s%s%s"
                .formatted(url.getScheme(), url.getHost(), url.getPort() < 0 ? "" : ":" + url.getPort(), url.getPath());
    }
}
