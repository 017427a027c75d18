package io.embeddingoperator.runner.embed.onnx.model;

import java.time.Duration;

/**
 * How long a download is insisted on.
 *
 * @param retries one after the other that bring next to nothing; each goes on where the one before it ended
 * @param firstDelay before the first retry; it doubles from retry to retry
 * @param longestTry after which a try is given up, since a connection may go silent without ending
 */
record DownloadPolicy(int retries, Duration firstDelay, Duration longestTry) {
    static final DownloadPolicy PATIENT = new DownloadPolicy(6, Duration.ofSeconds(1), Duration.ofMinutes(10));
}
