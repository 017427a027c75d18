package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.node.ContainerState.Running;
import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import java.util.List;
import java.util.Optional;

/** A pod's phase, named and decided as the kubelet does. */
enum PodPhase {
    Pending,
    Running,
    Succeeded,
    Failed;

    /** Whether a pod whose phase is written so has ended for good. */
    static boolean isFinal(String written) {
        return Succeeded.name().equals(written) || Failed.name().equals(written);
    }

    static PodPhase of(
            RestartPolicy policy,
            boolean over,
            List<ContainerReport> initContainers,
            List<ContainerReport> containers) {
        for (ContainerReport init : initContainers) {
            Optional<Terminated> end = init.end();
            if (end.isEmpty() || !end.get().succeeded()) {
                boolean lost = over || end.isPresent() && policy == RestartPolicy.Never;
                return lost ? Failed : Pending;
            }
        }
        if (containers.stream().anyMatch(report -> report.state() instanceof Running)) {
            boolean othersWait = containers.stream().anyMatch(PodPhase::neverRan);
            return othersWait ? Pending : Running;
        }
        if (containers.stream().anyMatch(PodPhase::neverRan)) {
            return over ? Failed : Pending;
        }
        boolean willStartAgain = !over && containers.stream().anyMatch(report -> restarts(policy, report));
        if (willStartAgain) {
            return Running;
        }
        return containers.stream().allMatch(report -> report.end().orElseThrow().succeeded()) ? Succeeded : Failed;
    }

    private static boolean neverRan(ContainerReport report) {
        return !(report.state() instanceof Running) && report.end().isEmpty();
    }

    private static boolean restarts(RestartPolicy policy, ContainerReport report) {
        return policy.restarts(report.end().orElseThrow().exitCode());
    }
}
