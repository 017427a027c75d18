package io.embeddingoperator.cluster.controlplane;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How quickly a control plane acts. Kubernetes' own defaults are made for large clusters and patient people: a node that
 * stops answering is noticed after 50 s, and its pods are deleted 5 min later.
 *
 * @param nodeMonitorPeriod how often the nodes are looked at; Kubernetes: 5 s
 * @param nodeMonitorGracePeriod how long a node may be silent before it counts as not ready; longer than the time between two
 *     heartbeats of a node; Kubernetes: 50 s
 * @param evictionDelay how long pods stay on a node that is not ready, in whole seconds; Kubernetes: 300 s
 * @param requestsPerSecond what each controller and the scheduler may ask of the API server; Kubernetes: 20 and 50
 * @param auditPolicy which requests the API server writes down; empty, as in Kubernetes, means none
 * @param address where the API server listens: the loopback's is not reachable from nodes in networks of their own
 */
public record ControlPlaneSettings(
        Duration nodeMonitorPeriod,
        Duration nodeMonitorGracePeriod,
        Duration evictionDelay,
        int requestsPerSecond,
        Optional<Path> auditPolicy,
        String address) {
    /** Not reachable from other machines. */
    static final String LOOPBACK = "127.0.0.1";

    /** Without an audit, on the loopback's address. */
    public ControlPlaneSettings(
            Duration nodeMonitorPeriod,
            Duration nodeMonitorGracePeriod,
            Duration evictionDelay,
            int requestsPerSecond) {
        this(nodeMonitorPeriod, nodeMonitorGracePeriod, evictionDelay, requestsPerSecond, Optional.empty(), LOOPBACK);
    }

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

    /**
     * For real nodes, which share the processors with what their pods compute and so may be silent for seconds: a lost node is
     * noticed within 30 s.
     *
     * @param address where the nodes find the API server
     */
    public static ControlPlaneSettings ofRealNodes(String address) {
        return new ControlPlaneSettings(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(2), 500)
                .withAddress(address);
    }

    /** Nodes are never lost, however long they are silent: for a node that is only played. */
    public ControlPlaneSettings withoutNodeLoss() {
        return new ControlPlaneSettings(
                Duration.ofHours(1), Duration.ofDays(1), evictionDelay, requestsPerSecond, auditPolicy, address);
    }

    /** @param policy a file of kind audit.k8s.io/v1 Policy; {@link ControlPlane#auditLog} is what it makes */
    public ControlPlaneSettings withAudit(Path policy) {
        return new ControlPlaneSettings(
                nodeMonitorPeriod,
                nodeMonitorGracePeriod,
                evictionDelay,
                requestsPerSecond,
                Optional.of(policy.toAbsolutePath()),
                address);
    }

    private ControlPlaneSettings withAddress(String of) {
        return new ControlPlaneSettings(
                nodeMonitorPeriod, nodeMonitorGracePeriod, evictionDelay, requestsPerSecond, auditPolicy, of);
    }

    boolean isReachableFromNodes() {
        return !address.equals(LOOPBACK);
    }
}
