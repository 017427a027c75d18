package io.embeddingoperator.openai.simulator.ledger;

import io.embeddingoperator.openai.simulator.fault.Endpoint;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** How often each endpoint answered with each status; 0 stands for a connection that was reset before a status. */
public final class Statuses {
    private final Map<Endpoint, Map<Integer, Long>> counts = new EnumMap<>(Endpoint.class);

    public synchronized void count(Endpoint endpoint, int status) {
        counts.computeIfAbsent(endpoint, _ -> new TreeMap<>()).merge(status, 1L, Long::sum);
    }

    public synchronized long of(Endpoint endpoint, int status) {
        return counts.getOrDefault(endpoint, Map.of()).getOrDefault(status, 0L);
    }

    public synchronized long of(Endpoint endpoint) {
        return counts.getOrDefault(endpoint, Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    public synchronized Map<Endpoint, Map<Integer, Long>> all() {
        Map<Endpoint, Map<Integer, Long>> copy = new EnumMap<>(Endpoint.class);
        counts.forEach((endpoint, statuses) -> copy.put(endpoint, Map.copyOf(statuses)));
        return copy;
    }
}
