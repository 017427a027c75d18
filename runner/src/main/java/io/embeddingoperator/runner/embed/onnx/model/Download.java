package io.embeddingoperator.runner.embed.onnx.model;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.failure.ConnectionFault;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.http.BlockingWebClient;
import io.embeddingoperator.runner.http.WebReply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a remote file to its partial file, going on from what is there; the caller verifies it. */
final class Download {
    private static final Logger LOG = LoggerFactory.getLogger(Download.class);
    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(60);
    private static final int BLOCK_BYTES = 1024 * 1024;
    private static final int LONGEST_DELAY_FACTOR = 32;
    private static final Set<Integer> REDIRECTION = Set.of(301, 302, 303, 307, 308);
    private static final String SHA256_HEADER = "X-Linked-ETag";
    private static final int MOST_REDIRECTIONS = 5;

    private final BlockingWebClient client;
    private final RemoteFile remote;
    private final PartialFile partial;
    private final DownloadPolicy policy;
    private final Redirects redirects;
    private final DownloadDisplay display;
    private volatile URI asked;
    private int fruitlessTries;
    private long furthest;
    private volatile Optional<String> named = Optional.empty();
    private volatile Optional<String> lastFault = Optional.empty();

    Download(
            BlockingWebClient client,
            RemoteFile remote,
            PartialFile partial,
            DownloadPolicy policy,
            Redirects redirects) {
        this.client = client;
        this.remote = remote;
        this.partial = partial;
        this.policy = policy;
        this.redirects = redirects;
        this.display = new DownloadDisplay(remote);
        this.asked = remote.url();
    }

    /**
     * Downloads until the server has nothing more, or does not give it.
     *
     * @throws SpecificationException when the server leads elsewhere or sends too much
     * @throws UnavailableException when the server stays away or the disk is full
     */
    DownloadResult run() {
        Redirects.check(remote);
        LOG.debug("asking for {}", remote);
        RetryPolicy<DownloadResult> retries = RetryPolicy.<DownloadResult>builder()
                .handle(IOException.class, TimeoutExceededException.class)
                .withMaxRetries(-1)
                .onFailedAttempt(attempt -> failed(attempt.getLastException()))
                .abortIf((_, _) -> fruitlessTries > policy.retries())
                .withBackoff(policy.firstDelay(), policy.firstDelay().multipliedBy(LONGEST_DELAY_FACTOR))
                .build();
        Timeout<DownloadResult> oneTry = Timeout.<DownloadResult>builder(policy.longestTry())
                .withInterrupt()
                .build();
        try (Activity activity = Activities.ofThisProcess().begin("Downloading " + remote);
                DownloadDisplay _ = display) {
            activity.explainedBy(() -> Optional.of(display.sentence()
                    + lastFault.map(", and the last try failed (%s)"::formatted).orElse("")));
            return Failsafe.with(retries, oneTry).get(this::tryOnce);
        } catch (TimeoutExceededException e) {
            throw unavailable(clause(e), e);
        } catch (FailsafeException e) {
            Throwable fault = Objects.requireNonNull(e.getCause());
            if (fault instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw unavailable(clause(fault), fault);
        }
    }

    private void failed(Throwable fault) throws IOException {
        lastFault = Optional.of(clause(fault));
        countFruitlessTry();
    }

    private String clause(Throwable fault) {
        return fault instanceof TimeoutExceededException
                ? "no end within " + policy.longestTry()
                : ConnectionFault.clause(fault, asked);
    }

    /** A slow connection that breaks off again and again may bring a large file all the same. */
    private void countFruitlessTry() throws IOException {
        long bytes = partial.size();
        fruitlessTries = bytes - furthest >= BLOCK_BYTES ? 0 : fruitlessTries + 1;
        furthest = Math.max(furthest, bytes);
    }

    private DownloadResult tryOnce() throws IOException, InterruptedException {
        long have = partial.size();
        WebReply.Streamed response = answer(have);
        try (InputStream body = response.body()) {
            return switch (response.status()) {
                case 200 -> {
                    partial.restart(validator(response));
                    receive(response, body, 0);
                    yield new DownloadResult.Received(named);
                }
                case 206 -> {
                    if (!startsAt(response, have)) {
                        partial.delete();
                        throw new IOException("the server went on elsewhere than it was asked to");
                    }
                    receive(response, body, have);
                    yield new DownloadResult.Received(named);
                }
                // Nothing stands after what is there: it is complete, or of another version, which its checksum tells.
                case 416 -> new DownloadResult.Received(named);
                case 408, 429, 500, 502, 503, 504 ->
                    throw new IOException("the server answered with status " + response.status());
                default -> new DownloadResult.Refused(response.status(), response.header("X-Error-Code"));
            };
        }
    }

    /** What the file's own server answers, or the one that it leads to. */
    private WebReply.Streamed answer(long have) throws IOException, InterruptedException {
        URI url = remote.url();
        named = Optional.empty();
        for (int redirections = 0; redirections <= MOST_REDIRECTIONS; redirections++) {
            asked = url;
            WebReply.Streamed response = send(url, have);
            // The hub says it where it leads to the place that large files are kept in.
            named = named.or(() -> response.header(SHA256_HEADER)
                    .map(tag -> tag.replaceAll("[\"W/]", ""))
                    .filter(tag -> tag.matches("[0-9a-f]{64}")));
            if (!REDIRECTION.contains(response.status())) {
                return response;
            }
            response.body().close();
            url = redirects.follow(remote, url, response.header("Location"));
        }
        throw new SpecificationException(
                "%s cannot be downloaded: the server redirects more than %d times; correct the address"
                        .formatted(remote, MOST_REDIRECTIONS));
    }

    private WebReply.Streamed send(URI url, long have) throws IOException, InterruptedException {
        Optional<String> validator = partial.validator();
        try {
            return client.exchange(HttpMethod.GET, url)
                    .streamed(request -> shaped(request, url, have, validator).send(), HEADERS_TIMEOUT);
        } catch (ExecutionException e) {
            Throwable fault = Objects.requireNonNull(e.getCause());
            throw fault instanceof IOException trouble ? trouble : new IOException(fault.getMessage(), fault);
        }
    }

    private HttpRequest<Buffer> shaped(HttpRequest<Buffer> request, URI url, long have, Optional<String> validator) {
        if (Redirects.isSameOrigin(url, remote.url())) {
            remote.token().ifPresent(token -> request.putHeader("Authorization", "Bearer " + token.value()));
        }
        if (have > 0) {
            request.putHeader("Range", "bytes=" + have + "-");
            validator.ifPresent(version -> request.putHeader("If-Range", version));
        }
        return request;
    }

    private void receive(WebReply.Streamed response, InputStream body, long have) throws IOException {
        long announced = response.header("Content-Length").map(Long::parseLong).orElse(0L);
        refuseBeyondLimit(have + announced);
        partial.checkSpace(announced);
        byte[] block = new byte[BLOCK_BYTES];
        long received = have;
        display.begin(have, announced);
        try (FileChannel channel = partial.append()) {
            for (int read = body.read(block); read >= 0; read = body.read(block)) {
                received += read;
                // A server need not announce what it sends, nor send what it announces.
                refuseBeyondLimit(received);
                partial.write(channel, ByteBuffer.wrap(block, 0, read));
                display.at(received);
            }
        }
    }

    private void refuseBeyondLimit(long bytes) throws IOException {
        if (bytes < 0 || bytes > remote.maxBytes()) {
            partial.delete();
            throw new SpecificationException(
                    "%s cannot be downloaded: it has more than the %d bytes that such a file may have; correct the address"
                            .formatted(remote, remote.maxBytes()));
        }
    }

    /** What If-Range takes: a strong entity tag, otherwise a date. */
    private static Optional<String> validator(WebReply response) {
        return response.header("ETag").filter(tag -> !tag.startsWith("W/")).or(() -> response.header("Last-Modified"));
    }

    private static boolean startsAt(WebReply response, long offset) {
        return response.header("Content-Range")
                .filter(range -> range.startsWith("bytes " + offset + "-"))
                .isPresent();
    }

    private UnavailableException unavailable(String reason, Throwable cause) {
        return new UnavailableException(
                "%s cannot be downloaded (%s): check the network and the server, then run again; what has come is kept"
                        .formatted(remote, reason),
                cause);
    }
}
