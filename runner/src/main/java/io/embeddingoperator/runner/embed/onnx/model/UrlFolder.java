package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.v1alpha1.VerifiedUrl;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The folder of a file behind a URL that the manifest gives, with what lies beside it.
 *
 * @param main the file itself, under the name that it is kept by
 */
record UrlFolder(RemoteFile main) implements RemoteFolder {
    private static final Path URLS = Path.of("url");

    /** Stores of objects say 403 of what does not exist to all who may not list it. */
    private static final Set<Integer> ABSENT = Set.of(403, 404, 410);

    static UrlFolder of(VerifiedUrl file, String name, String field, long maxBytes) {
        return new UrlFolder(new RemoteFile(
                RemoteFile.parsed(file.url(), field),
                name,
                Optional.of(file.sha256()),
                field,
                maxBytes,
                Optional.empty()));
    }

    /** Of another checksum in the same folder other files may lie beside it. */
    @Override
    public Path place() {
        return URLS.resolve(FileHash.sha256(main + " " + main.sha256().orElseThrow()));
    }

    @Override
    public Optional<RemoteFile> file(String path, long maxBytes) {
        return RemotePath.of(path)
                .map(inside -> new RemoteFile(
                        beside(inside), inside.path(), Optional.empty(), main.field(), maxBytes, Optional.empty()));
    }

    /** With the same query, which may be what lets one read the folder. */
    private URI beside(RemotePath path) {
        String query = main.url().getRawQuery();
        return main.url().resolve("./" + path.encoded() + (query == null ? "" : "?" + query));
    }

    @Override
    public boolean isAbsent(DownloadResult.Refused answer) {
        return ABSENT.contains(answer.status());
    }

    @Override
    public SpecificationException refusal(RemoteFile file, DownloadResult.Refused answer) {
        return new SpecificationException(("%s cannot be downloaded: the server answered with status %d; correct "
                        + "the address, or put the files into a volume")
                .formatted(file, answer.status()));
    }
}
