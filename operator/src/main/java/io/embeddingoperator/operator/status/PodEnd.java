package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.operator.desired.RunnerPod;
import io.embeddingoperator.operator.status.PodTrouble.Crashed;
import io.embeddingoperator.operator.status.PodTrouble.Disrupted;
import io.embeddingoperator.operator.status.PodTrouble.EndedByNode;
import io.embeddingoperator.operator.status.PodTrouble.OutOfMemory;
import io.embeddingoperator.operator.status.PodTrouble.RunnerEnded;
import io.embeddingoperator.operator.status.PodTrouble.RunnerWaits;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a pod ended that did not end well, read as the Job's failure policy reads it: a disruption before an exit code. A node
 * that evicts a pod kills its container too: the reason that the node gave for the pod comes before the exit code of that kill.
 */
record PodEnd(ShardPod pod) {
    /** The Job acts on these exit codes of the runner, also where its node ended the pod in the same moment. */
    private static final Set<ExitCode> DECIDING =
            Set.of(ExitCode.BAD_SPECIFICATION, ExitCode.TOO_MANY_FAILED_DOCUMENTS, ExitCode.BUDGET_EXHAUSTED);

    /** What a kubelet says of a container of which it knows no more than that it is gone; its exit code is made up. */
    private static final String LOST_CONTAINER = "ContainerStatusUnknown";

    private static final String UNKNOWN = "no reason given";

    PodTrouble trouble() {
        return disruption()
                .<PodTrouble>map(Function.identity())
                .or(this::decidedByTheRunner)
                .or(this::endedByItsNode)
                .or(() -> pod.ended().map(this::ended))
                .or(this::initEnded)
                .orElseGet(() -> EndedByNode.of(UNKNOWN, pod.status().getMessage()));
    }

    private Optional<PodTrouble> decidedByTheRunner() {
        return pod.ended()
                .filter(state -> DECIDING.stream()
                        .anyMatch(code -> Integer.valueOf(code.code()).equals(state.getExitCode())))
                .map(this::ended);
    }

    private Optional<PodTrouble> endedByItsNode() {
        return reason().map(reason -> EndedByNode.of(reason, pod.status().getMessage()));
    }

    private Optional<String> reason() {
        return Optional.ofNullable(pod.status().getReason())
                .map(reason -> Sentence.quote(reason, Sentence.WORD))
                .filter(reason -> !reason.isEmpty());
    }

    private PodTrouble ended(ContainerStateTerminated state) {
        int exitCode = Objects.requireNonNullElse(state.getExitCode(), -1);
        if ("OOMKilled".equals(state.getReason())) {
            return new OutOfMemory(memoryLimit());
        }
        if (LOST_CONTAINER.equals(state.getReason())) {
            return EndedByNode.of(LOST_CONTAINER, state.getMessage());
        }
        Optional<String> message = TerminationMessages.finalProgress(pod.pod())
                .map(report -> Sentence.quote(report.message(), 2 * Sentence.QUOTE));
        return Arrays.stream(ExitCode.values())
                .filter(code -> code.code() == exitCode)
                .findFirst()
                .map(code ->
                        ended(code, message.filter(words -> !words.isEmpty()).orElseGet(() -> words(code))))
                .orElseGet(() -> new Crashed(
                        exitCode, message.orElseGet(() -> Sentence.quote(state.getMessage(), Sentence.QUOTE))));
    }

    private static PodTrouble ended(ExitCode code, String sentence) {
        return switch (code) {
            case BAD_SPECIFICATION, TOO_MANY_FAILED_DOCUMENTS, ORPHAN_LIMIT_EXCEEDED, TRY_AGAIN ->
                new RunnerEnded(code, sentence);
            case BUDGET_EXHAUSTED -> new RunnerWaits(StatusWord.BudgetExhausted, sentence);
            case INTERRUPTED, TERMINATED -> new Disrupted(sentence, false);
            case DONE -> EndedByNode.of("the runner was done, and another container was not", "");
        };
    }

    /** What an exit code says by itself, where the runner left no sentence. */
    private static String words(ExitCode code) {
        return switch (code) {
            case DONE -> "it is done";
            case BAD_SPECIFICATION -> "the specification cannot work; the log of its pod tells why";
            case TOO_MANY_FAILED_DOCUMENTS ->
                "more documents failed than spec.failurePolicy.maxFailedDocuments allows; all others are embedded;"
                        + " the reasons are in embedding_operator.failed_documents";
            case BUDGET_EXHAUSTED -> "going on would cost more than spec.budget.maxCostUsd allows";
            case ORPHAN_LIMIT_EXCEEDED ->
                "more documents are gone from the source, or without text where spec.sink.pgvector.onEmpty is Delete, than"
                        + " orphanLimitPercent allows to remove; none was removed, and all others are embedded";
            case TRY_AGAIN -> "something outside was unavailable; the log of its pod tells what";
            case INTERRUPTED, TERMINATED -> "it was told to stop";
        };
    }

    private Optional<PodTrouble> initEnded() {
        return pod.status().getInitContainerStatuses().stream()
                .map(ContainerStatus::getState)
                .filter(state -> state != null && state.getTerminated() != null)
                .map(state -> state.getTerminated())
                .filter(state -> state.getExitCode() != null && state.getExitCode() != 0)
                .<PodTrouble>map(
                        state -> new Crashed(state.getExitCode(), Sentence.quote(state.getMessage(), Sentence.QUOTE)))
                .findFirst();
    }

    Optional<Disrupted> disruption() {
        return pod.disruption().map(condition -> new Disrupted(cause(condition), pod.isTerminating()));
    }

    private String cause(PodCondition condition) {
        return switch (Objects.requireNonNullElse(condition.getReason(), "")) {
            case "PreemptionByScheduler" -> "a pod of higher priority took its place";
            case "DeletionByTaintManager" -> "its node stopped answering, or was tainted";
            case "DeletionByPodGC" -> "its node is gone";
            case "EvictionByEvictionAPI" -> "its node was drained";
            case "TerminationByKubelet" -> byItsKubelet() + inBrackets(condition);
            default -> "Kubernetes moved it" + inBrackets(condition);
        };
    }

    /** The condition is the same for all of them; the pod's own reason tells them apart, once the kubelet has written it. */
    private String byItsKubelet() {
        return switch (reason().orElse("")) {
            case "Evicted" -> "its node ran short";
            case "Preempting", "Preempted" -> "its node made room for a critical pod";
            case "Terminated", "NodeShutdown" -> "its node shut down";
            default -> "its node shut down, ran short or made room for a critical pod";
        };
    }

    /** In the words of the kubelet, or else of the controller that had the pod moved. */
    private String inBrackets(PodCondition condition) {
        String kubelet = Sentence.quote(pod.status().getMessage(), Sentence.QUOTE);
        String words = kubelet.isEmpty() ? Sentence.quote(condition.getMessage(), Sentence.QUOTE) : kubelet;
        String reason = reason().orElseGet(() -> Sentence.quote(condition.getReason(), Sentence.WORD));
        String told = Stream.of(reason, words).filter(text -> !text.isEmpty()).collect(Collectors.joining(": "));
        return told.isEmpty() ? "" : " (%s)".formatted(told);
    }

    private @Nullable String memoryLimit() {
        return pod.containers()
                .filter(container -> RunnerPod.CONTAINER.equals(container.getName()))
                .filter(container -> container.getResources() != null
                        && container.getResources().getLimits() != null)
                .map(container -> container.getResources().getLimits().get("memory"))
                .filter(Objects::nonNull)
                .map(Quantity::toString)
                .findFirst()
                .orElse(null);
    }
}
