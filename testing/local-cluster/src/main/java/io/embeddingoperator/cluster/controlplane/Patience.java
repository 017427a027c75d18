package io.embeddingoperator.cluster.controlplane;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Waiting for servers, as long as they live and not for ever. */
final class Patience {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private Patience() {}

    /**
     * Waits until something holds.
     *
     * @param what it, for the message, e.g. "the API server is ready"
     * @param servers the servers that work on it
     * @throws IllegalStateException if one of the servers ends before, or it takes longer than two minutes; with the last
     *     lines of the logs
     */
    static void await(String what, List<ServerProcess> servers, BooleanSupplier holds) {
        Instant deadline = Instant.now().plus(LIMIT);
        while (!holds.getAsBoolean()) {
            for (ServerProcess server : servers) {
                if (!server.isAlive()) {
                    throw new IllegalStateException(
                            "%s ended before %s. %s".formatted(server.name(), what, server.lastWords()));
                }
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("it took more than %d s until %s. %s"
                        .formatted(
                                LIMIT.toSeconds(),
                                what,
                                servers.stream().map(ServerProcess::lastWords).collect(Collectors.joining("\n"))));
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted before " + what, e);
            }
        }
    }
}
