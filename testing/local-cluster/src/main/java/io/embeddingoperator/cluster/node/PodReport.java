package io.embeddingoperator.cluster.node;

import io.embeddingoperator.cluster.node.ContainerState.Running;
import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is to be said of a pod, and its status made of that; pure.
 *
 * @param uid of the pod
 * @param initContainers by container, in order
 * @param containers by container, in order
 * @param mounted whether its volumes are mounted, so that containers can start
 * @param over whether no container will start any more
 */
record PodReport(
        String uid,
        RestartPolicy restartPolicy,
        String address,
        String nodeAddress,
        Instant startTime,
        Map<Container, ContainerReport> initContainers,
        Map<Container, ContainerReport> containers,
        boolean mounted,
        boolean over) {

    /**
     * The status now.
     *
     * @param before the conditions that the pod has: one that stays as it was keeps its time
     */
    PodStatus status(List<PodCondition> before, Instant now) {
        PodPhase phase = phase();
        return new PodStatusBuilder()
                .withPhase(phase.name())
                .withStartTime(time(startTime))
                .withHostIP(nodeAddress)
                .withHostIPs(new HostIP(nodeAddress))
                .withPodIP(mounted ? address : null)
                .withPodIPs(mounted ? List.of(new PodIP(address)) : List.of())
                .withInitContainerStatuses(statuses(initContainers))
                .withContainerStatuses(statuses(containers))
                .withConditions(conditions(phase, before, now))
                .build();
    }

    PodPhase phase() {
        return PodPhase.of(restartPolicy, over, List.copyOf(initContainers.values()), List.copyOf(containers.values()));
    }

    private List<PodCondition> conditions(PodPhase phase, List<PodCondition> before, Instant now) {
        boolean initialized = initContainers.values().stream().allMatch(PodReport::succeeded);
        List<String> unready = names(containers.entrySet().stream()
                .filter(entry -> !entry.getValue().ready())
                .map(Map.Entry::getKey));
        List<String> uninitialized = names(initContainers.entrySet().stream()
                .filter(entry -> !succeeded(entry.getValue()))
                .map(Map.Entry::getKey));
        Condition readiness = switch (phase) {
            case Succeeded -> new Condition(false, "PodCompleted", null);
            case Failed -> new Condition(false, "PodFailed", null);
            case Pending, Running ->
                unready.isEmpty()
                        ? Condition.TRUE
                        : new Condition(
                                false, "ContainersNotReady", "containers with unready status: " + list(unready));
        };
        Condition initialization = initialized
                ? new Condition(true, phase == PodPhase.Succeeded ? "PodCompleted" : null, null)
                : new Condition(
                        false, "ContainersNotInitialized", "containers with incomplete status: " + list(uninitialized));
        boolean startable = mounted && phase != PodPhase.Succeeded && phase != PodPhase.Failed;
        return List.of(
                new Condition(startable, null, null).named("PodReadyToStartContainers", before, now),
                initialization.named("Initialized", before, now),
                readiness.named("Ready", before, now),
                readiness.named("ContainersReady", before, now),
                Condition.TRUE.named("PodScheduled", before, now));
    }

    private record Condition(boolean holds, String reason, String message) {
        static final Condition TRUE = new Condition(true, null, null);

        PodCondition named(String type, List<PodCondition> before, Instant now) {
            String status = holds ? "True" : "False";
            String since = before.stream()
                    .filter(condition -> condition.getType().equals(type))
                    .filter(condition -> condition.getStatus().equals(status))
                    .map(PodCondition::getLastTransitionTime)
                    .findFirst()
                    .orElse(time(now));
            return new PodConditionBuilder()
                    .withType(type)
                    .withStatus(status)
                    .withReason(reason)
                    .withMessage(message)
                    .withLastTransitionTime(since)
                    .build();
        }
    }

    private List<ContainerStatus> statuses(Map<Container, ContainerReport> reports) {
        return reports.entrySet().stream()
                .map(entry -> status(entry.getKey(), entry.getValue()))
                .toList();
    }

    private ContainerStatus status(Container container, ContainerReport report) {
        boolean running = report.state() instanceof Running;
        boolean ended = report.end().isPresent();
        String id = "process://" + uid + "/" + container.getName() + "/" + report.restarts();
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImageID(running || ended ? container.getImage() : "")
                .withContainerID(running || ended ? id : null)
                .withReady(report.ready() || initContainers.containsKey(container) && succeeded(report))
                .withStarted(running)
                .withRestartCount(report.restarts())
                .withState(state(report.state()))
                .withLastState(report.lastEnd().map(PodReport::state).orElse(null))
                .build();
    }

    private static io.fabric8.kubernetes.api.model.ContainerState state(ContainerState state) {
        var builder = new ContainerStateBuilder();
        return switch (state) {
            case Waiting waiting ->
                builder.withNewWaiting(text(waiting.message()), waiting.reason())
                        .build();
            case Running running ->
                builder.withNewRunning(time(running.startedAt())).build();
            case Terminated terminated ->
                builder.withNewTerminated()
                        .withExitCode(terminated.exitCode())
                        .withReason(terminated.reason())
                        .withMessage(text(terminated.message()))
                        .withStartedAt(time(terminated.startedAt()))
                        .withFinishedAt(time(terminated.finishedAt()))
                        .endTerminated()
                        .build();
        };
    }

    private static boolean succeeded(ContainerReport report) {
        return report.state() instanceof Terminated terminated && terminated.succeeded();
    }

    private static List<String> names(Stream<Container> containers) {
        return containers.map(Container::getName).toList();
    }

    private static String list(List<String> names) {
        return "[" + String.join(" ", names) + "]";
    }

    private static String text(String message) {
        return Optional.of(message).filter(text -> !text.isEmpty()).orElse(null);
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
