package io.embeddingoperator.cluster.controlplane;

import java.time.Duration;

/**
 * How quickly a control plane acts. Kubernetes' own defaults are made for large clusters and patient people: a node that
 * stops answering is noticed after 50 s, and its pods are deleted 5 min later.
 *
 * @param nodeMonitorPeriod how often the nodes are looked at; Kubernetes: 5 s
 * @param nodeMonitorGracePeriod how long a node may be silent before it counts as not ready; longer than the time between two
 *     heartbeats of a node; Kubernetes: 50 s
 * @param evictionDelay how long pods stay on a node that is not ready, in whole seconds; Kubernetes: 300 s
 * @param requestsPerSecond what each controller and the scheduler may ask of the API server; Kubernetes: 20 and 50
 */
public record ControlPlaneSettings(
        Duration nodeMonitorPeriod, Duration nodeMonitorGracePeriod, Duration evictionDelay, int requestsPerSecond) {
    public ControlPlaneSettings {
        if (!nodeMonitorPeriod.isPositive()) {
            throw new IllegalArgumentException(
                    "nodeMonitorPeriod is %s: use a positive time".formatted(nodeMonitorPeriod));
        }
        if (nodeMonitorGracePeriod.compareTo(nodeMonitorPeriod) <= 0) {
            throw new IllegalArgumentException("nodeMonitorGracePeriod is %s: use more than nodeMonitorPeriod (%s)"
                    .formatted(nodeMonitorGracePeriod, nodeMonitorPeriod));
        }
        if (evictionDelay.isNegative() || !evictionDelay.equals(Duration.ofSeconds(evictionDelay.toSeconds()))) {
            throw new IllegalArgumentException(
                    "evictionDelay is %s: use whole seconds, zero or more".formatted(evictionDelay));
        }
        if (requestsPerSecond < 1) {
            throw new IllegalArgumentException("requestsPerSecond is %d: use one or more".formatted(requestsPerSecond));
        }
    }

    /** For tests and demonstrations: a lost node is noticed within 10 s and its pods are deleted 2 s later. */
    public static ControlPlaneSettings quick() {
        return new ControlPlaneSettings(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(2), 500);
    }
}
