package io.embeddingoperator.runner.embed.onnx.model;

import java.util.Optional;

/** What a server made of a download. */
sealed interface DownloadResult {
    /**
     * The file is here.
     *
     * @param sha256 that the server names for it, where it does
     */
    record Received(Optional<String> sha256) implements DownloadResult {}

    /**
     * The server does not give it.
     *
     * @param code in the hub's words, for example {@code RepoNotFound}
     */
    record Refused(int status, Optional<String> code) implements DownloadResult {}
}
