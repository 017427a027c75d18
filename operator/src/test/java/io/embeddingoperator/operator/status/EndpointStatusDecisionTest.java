package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.observe.EndpointObservation;
import io.embeddingoperator.operator.testing.TestingEndpoint;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EndpointStatusDecisionTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final AnsweringModel WIKI = new AnsweringModel("wiki", "6fd5", 384);
    private static final EmbeddingEndpoint TWO =
            TestingEndpoint.with("{embedder: {fromJob: wiki}, scaling: {minReplicas: 2}}");

    @Test
    void servesOnceAllPodsAnswerAndAreOfThisManifest() {
        EmbeddingEndpointStatus status = status(TWO, deployment(2, 2, 2), WIKI);

        assertIs(status, "Serving", true, false, false);
        assertThat(message(status)).isEqualTo("2 pods answer with wiki");
        assertThat(status.model()).isEqualTo(WIKI);
        assertThat(status.replicas()).isEqualTo(2);
        assertThat(status.readyReplicas()).isEqualTo(2);
        assertThat(status.observedGeneration()).isEqualTo(1);
    }

    @Test
    void startsUntilAPodAnswers() {
        assertIs(status(TWO, null, null), "Starting", false, true, false);
        assertIs(status(TWO, deployment(2, 2, 0), null), "Starting", false, true, false);
    }

    @Test
    void answersWhileItIsBroughtUpToDate() {
        EmbeddingEndpointStatus status = status(TWO, deployment(3, 1, 2), WIKI);

        assertIs(status, "Updating", true, true, false);
        assertThat(message(status)).isEqualTo("2 of 3 pods answer");
    }

    @Test
    void numbersOfAnOlderManifestCountForNothing() {
        Deployment old = new DeploymentBuilder(deployment(2, 2, 2))
                .editMetadata()
                .withGeneration(8L)
                .endMetadata()
                .build();

        assertIs(status(TWO, old, WIKI), "Updating", true, true, false);
    }

    @Test
    void stopsWhereItIsScaledToNothing() {
        EmbeddingEndpoint stopped = TestingEndpoint.with("{embedder: {fromJob: wiki}, replicas: 0}");

        assertIs(status(stopped, deployment(0, 0, 0), null), "Stopped", false, false, false);
    }

    @Test
    void podsThatAreNotReadyInTimeNeedAPerson() {
        EmbeddingEndpointStatus status =
                status(TWO, condition(deployment(3, 1, 2), "Progressing", "False", "timed out"), WIKI);

        assertIs(status, "PodsFailing", true, false, true);
        assertThat(message(status))
                .startsWith("2 of 3 pods answer; the others do not become ready: kubectl describe pods");
    }

    @Test
    void whatKubernetesRefusesIsTold() {
        EmbeddingEndpointStatus status =
                status(TWO, condition(deployment(0, 0, 0), "ReplicaFailure", "True", "exceeded quota: compute."), null);

        assertIs(status, "NoPods", false, true, false);
        assertThat(message(status)).isEqualTo("0 of 2 pods answer; Kubernetes makes no pod: exceeded quota: compute");
    }

    @Test
    void whatAPodWaitsForIsTold() {
        Pod pod = pod("CreateContainerConfigError", "secret \"vectors\" not found", "Pending");

        EmbeddingEndpointStatus status = EndpointStatusDecision.status(
                TWO, new EndpointObservation(NOW, Optional.of(deployment(2, 2, 0)), List.of(pod), Optional.empty()));

        assertIs(status, "MissingSecret", false, true, false);
        assertThat(message(status)).startsWith("0 of 2 pods answer; Secret vectors does not exist in namespace search");
    }

    @Test
    void aPodThatEndsAgainAndAgainIsToldWithTheWayToItsLog() {
        Pod pod = pod("CrashLoopBackOff", "back-off 40s restarting failed container=runner", "Running");

        EmbeddingEndpointStatus status = EndpointStatusDecision.status(
                TWO, new EndpointObservation(NOW, Optional.of(deployment(2, 2, 0)), List.of(pod), Optional.empty()));

        assertIs(status, "PodsFailing", false, true, false);
        assertThat(message(status))
                .endsWith("ends soon after each start: kubectl logs -n search wiki-queries-1 tells why");
    }

    @Test
    void aPodWhoseModelIsNotTheTablesIsToldInItsOwnWords() {
        Progress said = Progress.unplanned(
                new Progress.Process("wiki", 0, null),
                "the table holds vectors of another model: distances mean nothing");
        Pod pod = new PodBuilder(pod("CrashLoopBackOff", "back-off 40s restarting failed container=runner", "Running"))
                .editStatus()
                .editFirstContainerStatus()
                .withNewLastState()
                .withNewTerminated()
                .withExitCode(64)
                .withMessage(TerminationMessage.write(said))
                .endTerminated()
                .endLastState()
                .endContainerStatus()
                .endStatus()
                .build();

        EmbeddingEndpointStatus status = EndpointStatusDecision.status(
                TWO, new EndpointObservation(NOW, Optional.of(deployment(3, 1, 2)), List.of(pod), Optional.of(WIKI)));

        assertIs(status, "PodsFailing", true, true, false);
        assertThat(message(status))
                .isEqualTo("2 of 3 pods answer; the pod wiki-queries-1 ends soon after each start:"
                        + " the table holds vectors of another model: distances mean nothing");
    }

    @Test
    void aRefusedManifestNeedsAPersonWhileFormerPodsGoOn() {
        EndpointObservation seen =
                new EndpointObservation(NOW, Optional.of(deployment(2, 2, 2)), List.of(), Optional.of(WIKI));

        EmbeddingEndpointStatus refused = EndpointStatusDecision.refused(
                TWO, seen, new SpecificationProblem(SpecificationProblem.Reason.InvalidTemplate, "not this way"));
        EmbeddingEndpointStatus blocked = EndpointStatusDecision.blocked(TWO, seen, "not now");

        assertIs(refused, "InvalidTemplate", true, false, true);
        assertIs(blocked, "Blocked", true, true, false);
        assertThat(EndpointStatusDecision.isSettled(refused)).isTrue();
        assertThat(EndpointStatusDecision.isSettled(blocked)).isFalse();
    }

    @Test
    void aPodThatIsSilentJustNowHasNoOtherModelForThat() {
        EmbeddingEndpoint endpoint = TestingEndpoint.with("{embedder: {fromJob: wiki}, scaling: {minReplicas: 2}}");
        endpoint.setStatus(status(TWO, deployment(2, 2, 2), WIKI));

        EmbeddingEndpointStatus silent = status(endpoint, deployment(2, 2, 1), null);
        assertThat(silent.model()).isEqualTo(WIKI);
        assertThat(status(endpoint, deployment(2, 2, 0), null).model()).isNull();
    }

    @Test
    void everyWordIsExplained() throws IOException {
        String page = Files.readString(Path.of("../docs/endpoint.md"));

        assertThat(EndpointWord.values()).allSatisfy(word -> assertThat(page).contains("| `" + word.name() + "` |"));
    }

    private static EmbeddingEndpointStatus status(
            EmbeddingEndpoint endpoint, Deployment deployment, AnsweringModel model) {
        return EndpointStatusDecision.status(
                endpoint,
                new EndpointObservation(NOW, Optional.ofNullable(deployment), List.of(), Optional.ofNullable(model)));
    }

    private static void assertIs(
            EmbeddingEndpointStatus status, String reason, boolean ready, boolean reconciling, boolean stalled) {
        assertThat(status.conditions())
                .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
                .containsExactly(
                        tuple("Ready", ready ? "True" : "False", reason),
                        tuple("Reconciling", reconciling ? "True" : "False", reason),
                        tuple("Stalled", stalled ? "True" : "False", reason));
    }

    private static String message(EmbeddingEndpointStatus status) {
        return status.conditions().getFirst().getMessage();
    }

    private static Deployment deployment(int total, int updated, int ready) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withGeneration(7L)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(7L)
                .withReplicas(total)
                .withUpdatedReplicas(updated)
                .withReadyReplicas(ready)
                .endStatus()
                .build();
    }

    private static Deployment condition(Deployment deployment, String type, String status, String message) {
        return new DeploymentBuilder(deployment)
                .editStatus()
                .addNewCondition()
                .withType(type)
                .withStatus(status)
                .withMessage(message)
                .endCondition()
                .endStatus()
                .build();
    }

    private static Pod pod(String reason, String message, String phase) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("wiki-queries-1")
                .withNamespace("search")
                .withCreationTimestamp("2026-11-30T11:00:00Z")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("runner")
                .withImage("runner:1")
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .addNewContainerStatus()
                .withName("runner")
                .withImage("runner:1")
                .withNewState()
                .withNewWaiting(message, reason)
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }
}
