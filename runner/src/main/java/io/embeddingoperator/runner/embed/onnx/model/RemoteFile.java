package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * A file behind a URL, trusted by its checksum alone.
 *
 * @param sha256 64 lower-case hexadecimal digits
 * @param sha256Field where the manifest gives the checksum
 */
record RemoteFile(URI url, String sha256, String sha256Field) {
    static RemoteFile of(String url, String sha256, String sha256Field) {
        try {
            return new RemoteFile(new URI(url), sha256, sha256Field);
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
