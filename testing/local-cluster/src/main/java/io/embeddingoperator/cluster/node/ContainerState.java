package io.embeddingoperator.cluster.node;

import java.time.Instant;

/** What a container does at one moment; Kubernetes' own three states. */
sealed interface ContainerState {
    /**
     * Not started, or between two starts.
     *
     * @param reason the kubelet's word, such as CreateContainerConfigError
     * @param message the kubelet's sentence; empty when the reason says it all
     */
    record Waiting(String reason, String message) implements ContainerState {
        static final Waiting CREATING = new Waiting("ContainerCreating", "");
        static final Waiting INITIALIZING = new Waiting("PodInitializing", "");
    }

    record Running(Instant startedAt) implements ContainerState {}

    /**
     * Ended.
     *
     * @param exitCode the process's own, or 128 + the signal that ended it
     * @param message the termination message; empty when the process left none
     */
    record Terminated(int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
            implements ContainerState {
        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
