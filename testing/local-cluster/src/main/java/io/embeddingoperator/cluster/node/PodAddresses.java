package io.embeddingoperator.cluster.node;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A loopback address for every pod: without a network of its own, a pod needs its own address for a port that others use
 * too. All nodes of this JVM draw from one sequence; another JVM on the same machine starts elsewhere in its 16 million.
 */
final class PodAddresses {
    private static final int LAST_BYTES = 254; // never 0 and 255, which some programs take for networks and broadcasts
    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 24));

    private PodAddresses() {}

    /** The next address: 127.x.y.z with x from 1, as people put servers of their own at 127.0.0.0/16. */
    static String next() {
        return address(NEXT.getAndIncrement() & Integer.MAX_VALUE);
    }

    static String address(int number) {
        int last = 1 + number % LAST_BYTES;
        int third = number / LAST_BYTES % 256;
        int second = 1 + number / LAST_BYTES / 256 % LAST_BYTES;
        return "127." + second + "." + third + "." + last;
    }
}
