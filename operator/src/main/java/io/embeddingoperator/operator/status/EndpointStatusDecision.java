package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpointStatus.AnsweringModel;
import io.embeddingoperator.operator.desired.EndpointDeployment;
import io.embeddingoperator.operator.desired.EndpointLabels;
import io.embeddingoperator.operator.desired.EndpointService;
import io.embeddingoperator.operator.desired.SpecificationProblem;
import io.embeddingoperator.operator.observe.EndpointObservation;
import io.embeddingoperator.operator.status.EndpointPods.Trouble;
import io.embeddingoperator.operator.status.EndpointSituation.Progress;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the status of an EmbeddingEndpoint is: pure, from the manifest with its former status and from what was seen. */
public final class EndpointStatusDecision {
    private EndpointStatusDecision() {}

    /** The status that what was seen amounts to. */
    public static EmbeddingEndpointStatus status(EmbeddingEndpoint endpoint, EndpointObservation seen) {
        return status(endpoint, seen, situation(endpoint, seen));
    }

    /** The status of an endpoint that can never be as it is written; pods of a former manifest go on. */
    public static EmbeddingEndpointStatus refused(
            EmbeddingEndpoint endpoint, EndpointObservation seen, SpecificationProblem problem) {
        return status(
                endpoint,
                seen,
                new EndpointSituation(
                        Pods.of(seen).ready() > 0,
                        Progress.Stuck,
                        problem.reason().name(),
                        Sentence.quote(problem.sentence(), Sentence.MAX_LENGTH)));
    }

    /**
     * The status of an endpoint that cannot go on just now and is tried again.
     *
     * @param sentence what is in the way and what to do
     */
    public static EmbeddingEndpointStatus blocked(
            EmbeddingEndpoint endpoint, EndpointObservation seen, String sentence) {
        return status(
                endpoint,
                seen,
                new EndpointSituation(
                        Pods.of(seen).ready() > 0,
                        Progress.UnderWay,
                        StatusWord.Blocked.name(),
                        Sentence.quote(sentence, Sentence.MAX_LENGTH)));
    }

    /** Whether nothing is expected to change by itself. */
    public static boolean isSettled(EmbeddingEndpointStatus status) {
        return Objects.requireNonNullElse(status.conditions(), List.<Condition>of()).stream()
                .noneMatch(condition ->
                        ConditionType.Reconciling.name().equals(condition.getType()) && Conditions.holds(condition));
    }

    private static EndpointSituation situation(EmbeddingEndpoint endpoint, EndpointObservation seen) {
        int wanted = EndpointDeployment.replicas(endpoint.getSpec());
        Pods pods = Pods.of(seen);
        if (!pods.areAsWanted(wanted)) {
            return becoming(endpoint, seen, pods, wanted);
        }
        return wanted == 0
                ? new EndpointSituation(
                        false,
                        Progress.Done,
                        EndpointWord.Stopped.name(),
                        "spec.replicas is 0: kubectl scale --replicas=1 starts the endpoint again")
                : new EndpointSituation(
                        true, Progress.Done, EndpointWord.Serving.name(), serving(endpoint, seen, wanted));
    }

    private static EndpointSituation becoming(
            EmbeddingEndpoint endpoint, EndpointObservation seen, Pods pods, int wanted) {
        boolean answers = pods.ready() > 0;
        Optional<Trouble> trouble = pods.refusal()
                .or(() -> new EndpointPods(seen.pods(), seen.at()).trouble())
                .or(() -> pods.areLate() ? Optional.of(late(endpoint)) : Optional.empty());
        EndpointWord untroubled = answers ? EndpointWord.Updating : EndpointWord.Starting;
        return new EndpointSituation(
                answers,
                pods.areLate() ? Progress.Stuck : Progress.UnderWay,
                trouble.map(Trouble::word).orElse(untroubled.name()),
                Sentence.of(
                        "%s of %s %s"
                                .formatted(
                                        Sentence.number(pods.ready()),
                                        Sentence.count(Math.max(wanted, pods.total()), "pod"),
                                        answer(pods.ready())),
                        trouble.map(Trouble::sentence).orElse("")));
    }

    private static Trouble late(EmbeddingEndpoint endpoint) {
        return new Trouble(
                EndpointWord.PodsFailing.name(),
                "the others do not become ready: kubectl describe pods -n %s -l %s tells why"
                        .formatted(endpoint.getMetadata().getNamespace(), EndpointLabels.selector(endpoint)));
    }

    private static String serving(EmbeddingEndpoint endpoint, EndpointObservation seen, int wanted) {
        String pods = Sentence.count(wanted, "pod") + " " + answer(wanted);
        return Optional.ofNullable(model(endpoint, seen))
                .map(model -> pods + " with " + model.name())
                .orElse(pods);
    }

    private static String answer(int pods) {
        return pods == 1 ? "answers" : "answer";
    }

    private static EmbeddingEndpointStatus status(
            EmbeddingEndpoint endpoint, EndpointObservation seen, EndpointSituation situation) {
        Long generation = endpoint.getMetadata().getGeneration();
        Pods pods = Pods.of(seen);
        return new EmbeddingEndpointStatus(
                generation,
                Conditions.of(situation.truths(), generation, seen.at(), formerConditions(endpoint)),
                pods.total(),
                pods.ready(),
                EndpointLabels.selector(endpoint),
                EndpointService.url(endpoint),
                pods.ready() > 0 ? model(endpoint, seen) : null);
    }

    /** What a pod said last: one that does not answer just now has no other model for that. */
    private static @Nullable AnsweringModel model(EmbeddingEndpoint endpoint, EndpointObservation seen) {
        return seen.model()
                .or(() -> Optional.ofNullable(endpoint.getStatus()).map(EmbeddingEndpointStatus::model))
                .orElse(null);
    }

    private static List<Condition> formerConditions(EmbeddingEndpoint endpoint) {
        return Optional.ofNullable(endpoint.getStatus())
                .map(EmbeddingEndpointStatus::conditions)
                .orElse(List.of());
    }

    /**
     * The pods as their Deployment counts them.
     *
     * @param isCounted whether it has seen what is wanted of it
     */
    private record Pods(boolean isCounted, int total, int updated, int ready, List<DeploymentCondition> conditions) {
        static Pods of(EndpointObservation seen) {
            DeploymentStatus status =
                    seen.deployment().map(Deployment::getStatus).orElseGet(DeploymentStatus::new);
            boolean isCounted = seen.deployment()
                    .filter(deployment ->
                            Objects.equals(deployment.getMetadata().getGeneration(), status.getObservedGeneration()))
                    .isPresent();
            return new Pods(
                    isCounted,
                    count(status.getReplicas()),
                    count(status.getUpdatedReplicas()),
                    count(status.getReadyReplicas()),
                    status.getConditions());
        }

        boolean areAsWanted(int wanted) {
            return isCounted && total == wanted && updated == wanted && ready == wanted;
        }

        /** Where Kubernetes makes no pod at all. */
        Optional<Trouble> refusal() {
            return condition("ReplicaFailure", "True")
                    .map(failure -> new Trouble(
                            StatusWord.NoPods.name(),
                            "Kubernetes makes no pod: " + Sentence.quote(failure.getMessage(), Sentence.QUOTE)));
        }

        /** Whether the Deployment's time for them is over. */
        boolean areLate() {
            return condition("Progressing", "False").isPresent();
        }

        private Optional<DeploymentCondition> condition(String type, String status) {
            return conditions.stream()
                    .filter(condition -> type.equals(condition.getType()) && status.equals(condition.getStatus()))
                    .findFirst();
        }

        private static int count(@Nullable Integer replicas) {
            return Objects.requireNonNullElse(replicas, 0);
        }
    }
}
