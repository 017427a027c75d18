package io.embeddingoperator.cluster.node;

import java.util.Objects;

/** Why a container cannot start yet, in the kubelet's words: the reason and message of its waiting state. */
final class NotStartedException extends Exception {
    private final String reason;

    NotStartedException(String reason, String message) {
        super(Objects.requireNonNull(message));
        this.reason = Objects.requireNonNull(reason);
    }

    /** The container's settings cannot be resolved: a Secret or ConfigMap that they name is missing, or lacks the key. */
    static NotStartedException config(String message) {
        return new NotStartedException("CreateContainerConfigError", message);
    }

    ContainerState.Waiting waiting() {
        return new ContainerState.Waiting(reason, getMessage());
    }
}
