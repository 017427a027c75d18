package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import java.util.Optional;

/**
 * What is to be said of one container.
 *
 * @param lastEnd how the start before the current one ended
 * @param ready whether it runs and its readiness probe, if it has one, succeeds
 * @param restarts how often it was started again
 */
record ContainerReport(ContainerState state, Optional<Terminated> lastEnd, boolean ready, int restarts) {
    static ContainerReport waiting(Waiting waiting) {
        return new ContainerReport(waiting, Optional.empty(), false, 0);
    }

    ContainerReport in(ContainerState next) {
        return new ContainerReport(next, lastEnd, false, restarts);
    }

    ContainerReport ready(boolean ready) {
        return new ContainerReport(state, lastEnd, ready, restarts);
    }

    /** Between two starts: what has just ended becomes the past. */
    ContainerReport restarting(Waiting waiting, Terminated ended) {
        return new ContainerReport(waiting, Optional.of(ended), false, restarts);
    }

    ContainerReport restarted() {
        return new ContainerReport(state, lastEnd, ready, restarts + 1);
    }

    /** How the container ended, when it does not run: now, or before the start it waits for. */
    Optional<Terminated> end() {
        return switch (state) {
            case Terminated terminated -> Optional.of(terminated);
            case Waiting waiting -> lastEnd;
            case ContainerState.Running running -> Optional.empty();
        };
    }
}
