package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.node.ContainerState.Running;
import io.embeddingoperator.cluster.node.ContainerState.Terminated;
import io.embeddingoperator.cluster.node.ContainerState.Waiting;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodPhaseTest {
    private static final boolean OVER = true;
    private static final ContainerReport CREATING = ContainerReport.waiting(Waiting.CREATING);
    private static final ContainerReport RUNNING = CREATING.in(new Running(Instant.EPOCH));

    @ParameterizedTest
    @CsvSource({
        "Never, 0, Succeeded", "Never, 1, Failed",
        "OnFailure, 0, Succeeded", "OnFailure, 1, Running",
        "Always, 0, Running", "Always, 1, Running",
    })
    void aContainerThatEndedEndsThePodWhenItIsNotStartedAgain(RestartPolicy policy, int exitCode, PodPhase phase) {
        assertThat(phase(policy, !OVER, ended(exitCode))).isEqualTo(phase);
    }

    @Test
    void aPodThatHasToEndIsJudgedByItsExitCodesUnderEveryPolicy() {
        assertThat(phase(RestartPolicy.Always, OVER, ended(0))).isEqualTo(PodPhase.Succeeded);
        assertThat(phase(RestartPolicy.Always, OVER, ended(143))).isEqualTo(PodPhase.Failed);
    }

    @Test
    void aContainerBetweenTwoStartsKeepsThePodRunning() {
        var waiting = CREATING.restarting(new Waiting("CrashLoopBackOff", ""), end(1));

        assertThat(phase(RestartPolicy.OnFailure, !OVER, waiting)).isEqualTo(PodPhase.Running);
    }

    @Test
    void aPodIsPendingUntilEveryContainerStarted() {
        assertThat(phase(RestartPolicy.Never, !OVER, CREATING)).isEqualTo(PodPhase.Pending);
        assertThat(phase(RestartPolicy.Never, !OVER, RUNNING, CREATING)).isEqualTo(PodPhase.Pending);
        assertThat(phase(RestartPolicy.Never, !OVER, RUNNING, RUNNING)).isEqualTo(PodPhase.Running);
    }

    @Test
    void oneOfTwoContainersThatEndedLeavesThePodRunning() {
        assertThat(phase(RestartPolicy.Never, !OVER, ended(1), RUNNING)).isEqualTo(PodPhase.Running);
    }

    @Test
    void anInitContainerHoldsThePodBackAndItsFailureIsThePodsUnlessItIsStartedAgain() {
        assertThat(PodPhase.of(RestartPolicy.Never, !OVER, List.of(RUNNING), List.of(CREATING)))
                .isEqualTo(PodPhase.Pending);
        assertThat(PodPhase.of(RestartPolicy.Never, !OVER, List.of(ended(1)), List.of(CREATING)))
                .isEqualTo(PodPhase.Failed);
        assertThat(PodPhase.of(RestartPolicy.Always, !OVER, List.of(ended(1)), List.of(CREATING)))
                .isEqualTo(PodPhase.Pending);
        assertThat(PodPhase.of(RestartPolicy.Never, !OVER, List.of(ended(0)), List.of(RUNNING)))
                .isEqualTo(PodPhase.Running);
    }

    private static PodPhase phase(RestartPolicy policy, boolean over, ContainerReport... containers) {
        return PodPhase.of(policy, over, List.of(), List.of(containers));
    }

    private static ContainerReport ended(int exitCode) {
        return new ContainerReport(end(exitCode), Optional.empty(), false, 0);
    }

    private static Terminated end(int exitCode) {
        return new Terminated(exitCode, exitCode == 0 ? "Completed" : "Error", "", Instant.EPOCH, Instant.EPOCH);
    }
}
