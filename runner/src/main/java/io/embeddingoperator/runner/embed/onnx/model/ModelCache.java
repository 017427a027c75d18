package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Downloaded files, each in a folder that is named by its checksum. A file that stands there under its own name is
 * complete; processes that want the same file at once wait for the first of them.
 */
final class ModelCache {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    private final Path folder;
    private final DownloadPolicy policy;
    private final Redirects redirects;

    ModelCache(Path folder, DownloadPolicy policy, Redirects redirects) {
        this.folder = folder;
        this.policy = policy;
        this.redirects = redirects;
    }

    /** The file on this machine, downloaded and verified. */
    Path get(RemoteFile remote, String name) {
        Path complete = folder.resolve(remote.sha256()).resolve(name);
        try {
            // Looked at before the lock, so that a cache that was filled beforehand may be read-only.
            if (holds(complete, remote)) {
                return complete;
            }
            Files.createDirectories(complete.getParent());
            // A file lock keeps other processes out, the monitor other threads of this one.
            synchronized (ModelCache.class) {
                try (FileChannel channel = FileChannel.open(
                                complete.resolveSibling(name + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    if (!lock.isValid() || !holds(complete, remote)) {
                        download(remote, complete);
                    }
                    return complete;
                }
            }
        } catch (IOException e) {
            throw new UnavailableException(
                    ("the model cache %s cannot be used (%s): make it writable, or name another "
                                    + "folder in EMBEDDING_OPERATOR_CACHE")
                            .formatted(folder, e.getMessage()),
                    e);
        }
    }

    private void download(RemoteFile remote, Path complete) throws IOException {
        PartialFile partial = PartialFile.of(complete);
        boolean resumed = partial.size() > 0;
        String actual = fetch(remote, partial);
        if (resumed && !actual.equals(remote.sha256())) {
            // The two halves may be of different versions.
            partial.delete();
            actual = fetch(remote, partial);
        }
        if (!actual.equals(remote.sha256())) {
            partial.delete();
            // The actual sum is not told: it would say whether a guess of what an internal server answers is right.
            throw new SpecificationException(
                    "%s does not have the SHA-256 that %s names, %s: correct the checksum or the URL; the download was deleted"
                            .formatted(remote, remote.sha256Field(), remote.sha256()));
        }
        Files.move(partial.file(), complete, StandardCopyOption.ATOMIC_MOVE);
        partial.delete();
    }

    private String fetch(RemoteFile remote, PartialFile partial) throws IOException {
        try (HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()) {
            new Download(client, remote, partial, policy, redirects).run();
        }
        return FileHash.sha256(partial.file());
    }

    private static boolean holds(Path complete, RemoteFile remote) throws IOException {
        return Files.isRegularFile(complete) && FileHash.sha256(complete).equals(remote.sha256());
    }
}
