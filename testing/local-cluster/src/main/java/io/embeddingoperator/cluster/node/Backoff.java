package io.embeddingoperator.cluster.node;

import java.time.Duration;

/** The kubelet's waits between attempts: 10 s, then twice as long each time, at most 5 minutes. */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private Duration next = FIRST;

    Duration next() {
        Duration wait = next;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
        return wait;
    }

    /** As the kubelet writes it: 10s, 1m20s, 5m0s. */
    static String text(Duration wait) {
        return wait.toMinutes() == 0 ? wait.toSeconds() + "s" : wait.toMinutes() + "m" + wait.toSecondsPart() + "s";
    }
}
