package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.http.BlockingWebClient;
import io.vertx.core.http.HttpClientOptions;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Downloaded files, each folder of a server in a folder of its own. Processes that want the same file at once wait for the first
 * of them.
 */
final class ModelCache {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCache.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    /** The hub leads to addresses that are signed, and says what a browser may do; the usual limit is 8 KiB. */
    private static final int LONGEST_HEAD = 64 * 1024;

    private final Path folder;
    private final DownloadPolicy policy;
    private final Redirects redirects;

    ModelCache(Path folder, DownloadPolicy policy, Redirects redirects) {
        this.folder = folder;
        this.policy = policy;
        this.redirects = redirects;
    }

    /** The file on this machine, downloaded and verified. */
    Path get(RemoteFolder from, RemoteFile remote) {
        KeptFile kept = kept(from, remote);
        bring(remote, kept).ifPresent(refused -> {
            throw from.refusal(remote, refused);
        });
        return kept.file();
    }

    /** The same of a file that need not be there; that it is not is remembered. */
    Optional<Path> find(RemoteFolder from, RemoteFile remote) {
        KeptFile kept = kept(from, remote);
        if (kept.isAbsent()) {
            return Optional.empty();
        }
        Optional<DownloadResult.Refused> refused = bring(remote, kept);
        if (refused.isEmpty()) {
            return Optional.of(kept.file());
        }
        if (!from.isAbsent(refused.get())) {
            throw from.refusal(remote, refused.get());
        }
        try {
            kept.noteAbsence();
        } catch (IOException e) {
            throw unusable(e);
        }
        return Optional.empty();
    }

    /** What the server says now, which is not kept. */
    byte[] read(RemoteFolder from, RemoteFile remote) {
        try {
            PartialFile answer = PartialFile.of(Files.createTempFile("embedding-runner", ""));
            try {
                return switch (fetch(remote, answer)) {
                    case DownloadResult.Received _ -> Files.readAllBytes(answer.file());
                    case DownloadResult.Refused refused -> throw from.refusal(remote, refused);
                };
            } finally {
                answer.delete();
            }
        } catch (IOException e) {
            throw new UnavailableException(
                    "the folder for temporary files cannot be used (%s): make room in it".formatted(e.getMessage()), e);
        }
    }

    private KeptFile kept(RemoteFolder from, RemoteFile remote) {
        return KeptFile.of(folder.resolve(from.place()), remote.path());
    }

    /** Empty once the file is here. */
    private Optional<DownloadResult.Refused> bring(RemoteFile remote, KeptFile kept) {
        try {
            // Looked at before the lock, so that a cache that was filled beforehand may be read-only.
            if (kept.isHere(remote.sha256())) {
                return Optional.empty();
            }
            Files.createDirectories(kept.lock().getParent());
            // A file lock keeps other processes out, the monitor other threads of this one.
            synchronized (ModelCache.class) {
                try (FileChannel channel =
                                FileChannel.open(kept.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    return lock.isValid() && kept.isHere(remote.sha256()) ? Optional.empty() : download(remote, kept);
                }
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private UnavailableException unusable(IOException cause) {
        return new UnavailableException(
                ("the model cache %s cannot be used (%s): make it writable, or name another "
                                + "folder in EMBEDDING_OPERATOR_CACHE")
                        .formatted(folder, cause.getMessage()),
                cause);
    }

    private Optional<DownloadResult.Refused> download(RemoteFile remote, KeptFile kept) throws IOException {
        PartialFile partial = kept.partial();
        boolean resumed = partial.size() > 0;
        DownloadResult result = fetch(remote, partial);
        if (resumed && result instanceof DownloadResult.Received received && !isWhole(remote, partial, received)) {
            // The two halves may be of different versions.
            partial.delete();
            result = fetch(remote, partial);
        }
        return switch (result) {
            case DownloadResult.Received received -> {
                take(remote, kept, received);
                yield Optional.empty();
            }
            case DownloadResult.Refused refused -> Optional.of(refused);
        };
    }

    private static boolean isWhole(RemoteFile remote, PartialFile partial, DownloadResult.Received received)
            throws IOException {
        Optional<String> expected = remote.sha256().or(received::sha256);
        return expected.isPresent() && FileHash.sha256(partial.file()).equals(expected.get());
    }

    private static void take(RemoteFile remote, KeptFile kept, DownloadResult.Received received) throws IOException {
        PartialFile partial = kept.partial();
        String actual = FileHash.sha256(partial.file());
        if (remote.sha256().filter(expected -> !expected.equals(actual)).isPresent()) {
            partial.delete();
            // The actual sum is not told: it would say whether a guess of what an internal server answers is right.
            throw new SpecificationException(
                    "%s does not have the SHA-256 that %s names, %s: correct the checksum or the URL; the download was deleted"
                            .formatted(remote, remote.field(), remote.sha256().get()));
        }
        if (remote.sha256().isEmpty()
                && received.sha256()
                        .filter(expected -> !expected.equals(actual))
                        .isPresent()) {
            partial.delete();
            throw new UnavailableException(
                    "%s was damaged on its way: it does not have the SHA-256 that the hub names for it; the download was deleted"
                            .formatted(remote));
        }
        kept.put(partial.file(), actual);
        partial.delete();
        LOG.info("downloaded {}, SHA-256 {}", remote, actual);
    }

    private DownloadResult fetch(RemoteFile remote, PartialFile partial) throws IOException {
        try (BlockingWebClient client = BlockingWebClient.open(new HttpClientOptions()
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setMaxHeaderSize(LONGEST_HEAD))) {
            return new Download(client, remote, partial, policy, redirects).run();
        }
    }
}
