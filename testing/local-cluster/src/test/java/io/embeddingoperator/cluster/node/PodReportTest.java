package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.cluster.node.ContainerState.Running;
import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodReportTest {
    private static final Container RUNNER =
            new ContainerBuilder().withName("runner").withImage("runner:1").build();
    private static final ContainerReport CREATING = ContainerReport.waiting(Waiting.CREATING);
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);

    @Test
    void aPodWhoseVolumesAreNotMountedHasNoAddressYet() {
        // when
        PodStatus status = report(CREATING, false).status(List.of(), START);

        // then
        assertThat(status.getPhase()).isEqualTo("Pending");
        assertThat(status.getPodIP()).isNull();
        assertThat(status.getHostIP()).isEqualTo("127.0.0.1");
        assertThat(status.getContainerStatuses()
                        .getFirst()
                        .getState()
                        .getWaiting()
                        .getReason())
                .isEqualTo("ContainerCreating");
        assertThat(status.getConditions())
                .extracting(PodCondition::getType, PodCondition::getStatus, PodCondition::getMessage)
                .containsExactly(
                        tuple("PodReadyToStartContainers", "False", null),
                        tuple("Initialized", "True", null),
                        tuple("Ready", "False", "containers with unready status: [runner]"),
                        tuple("ContainersReady", "False", "containers with unready status: [runner]"),
                        tuple("PodScheduled", "True", null));
    }

    @Test
    void aRunningPodHasItsAddressAndIsReadyWithItsContainers() {
        // when
        PodStatus status =
                report(CREATING.in(new Running(START)).ready(true), true).status(List.of(), START);

        // then
        assertThat(status.getPhase()).isEqualTo("Running");
        assertThat(status.getPodIPs()).singleElement().extracting("ip").isEqualTo("127.1.2.3");
        assertThat(condition(status, "Ready").getStatus()).isEqualTo("True");
        assertThat(status.getContainerStatuses().getFirst().getReady()).isTrue();
    }

    @Test
    void aFailedPodSaysHowItsContainerEnded() {
        // when
        var end = new Terminated(64, "Error", "spec.source is wrong", START, LATER);
        PodStatus status = report(CREATING.in(end), true).status(List.of(), LATER);

        // then
        var terminated = status.getContainerStatuses().getFirst().getState().getTerminated();
        assertThat(status.getPhase()).isEqualTo("Failed");
        assertThat(terminated.getExitCode()).isEqualTo(64);
        assertThat(terminated.getMessage()).isEqualTo("spec.source is wrong");
        assertThat(terminated.getFinishedAt()).isEqualTo("2026-11-01T10:01:00Z");
        assertThat(condition(status, "Ready").getReason()).isEqualTo("PodFailed");
    }

    @Test
    void aConditionKeepsItsTimeWhileItStaysAsItIs() {
        // given
        var before = report(CREATING, true).status(List.of(), START).getConditions();

        // when
        PodStatus status =
                report(CREATING.in(new Running(LATER)).ready(true), true).status(before, LATER);

        // then
        assertThat(condition(status, "Initialized").getLastTransitionTime()).isEqualTo("2026-11-01T10:00:00Z");
        assertThat(condition(status, "Ready").getLastTransitionTime()).isEqualTo("2026-11-01T10:01:00Z");
    }

    private static PodCondition condition(PodStatus status, String type) {
        return status.getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static PodReport report(ContainerReport container, boolean mounted) {
        return new PodReport(
                "uid",
                RestartPolicy.Never,
                "127.1.2.3",
                "127.0.0.1",
                START,
                Map.of(),
                Map.of(RUNNER, container),
                mounted,
                false);
    }
}
