package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.Optional;

/** A folder of a server, whose files are kept on this machine under the same paths. */
sealed interface RemoteFolder permits HubRepository, UrlFolder {
    /** Where in the cache: no two folders whose files may differ share a place. */
    Path place();

    /**
     * A file that the manifest says nothing of.
     *
     * @return empty where the path leads out of the folder
     */
    Optional<RemoteFile> file(String path, long maxBytes);

    /** Whether an answer says that the folder has no such file. */
    boolean isAbsent(DownloadResult.Refused answer);

    /** What to say of a file that the server does not give. */
    SpecificationException refusal(RemoteFile file, DownloadResult.Refused answer);
}
