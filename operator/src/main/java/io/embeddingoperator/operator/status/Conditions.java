package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.operator.status.Situation.Completed;
import io.embeddingoperator.operator.status.Situation.Failed;
import io.embeddingoperator.operator.status.Situation.Progressing;
import io.embeddingoperator.operator.status.Situation.Queued;
import io.embeddingoperator.operator.status.Situation.Refreshing;
import io.embeddingoperator.operator.status.Situation.Refused;
import io.embeddingoperator.operator.status.Situation.Suspended;
import io.embeddingoperator.operator.status.Situation.Unconfirmed;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A situation as conditions, so that clients that wait by kstatus (Flux, {@code helm --wait}) wait until the vectors are there or
 * until a person has to act. A suspended job is neither: Ready is false, because its vectors are not complete, Reconciling is
 * false, because nothing is being done, and Stalled is false, because nothing failed. Kstatus calls that in progress: a client
 * that waits for the vectors goes on waiting, up to its own time limit. A client that asks only whether all is as declared reads
 * Suspended.
 */
final class Conditions {
    private Conditions() {}

    /** All six; the time of the last transition stays where the status does. */
    static List<Condition> of(Situation situation, Long generation, Instant at, @Nullable EmbeddingJobStatus before) {
        return of(
                truths(situation),
                generation,
                at,
                Optional.ofNullable(before).map(EmbeddingJobStatus::conditions).orElse(List.of()));
    }

    /** @param before the former ones, of other writers too */
    static List<Condition> of(Map<ConditionType, Truth> truths, Long generation, Instant at, List<Condition> before) {
        return truths.entrySet().stream()
                .map(entry -> condition(entry.getKey(), entry.getValue(), generation, at, before))
                .toList();
    }

    /**
     * Of a run that has ended, for a manifest that can start no other one: how it ended stays true.
     *
     * @param ended the conditions of its end
     */
    static List<Condition> refusedAfter(List<Condition> ended, Refused refused, Long generation, Instant at) {
        Map<ConditionType, Truth> truths = truths(refused);
        for (ConditionType end : List.of(ConditionType.Complete, ConditionType.Failed)) {
            find(ended, end)
                    .ifPresent(condition -> truths.put(
                            end, new Truth(holds(condition), condition.getReason(), condition.getMessage())));
        }
        return of(truths, generation, at, ended);
    }

    /** How a run ended, once nothing of the manifest is refused any more. */
    static Optional<Situation> end(List<Condition> conditions) {
        return find(conditions, ConditionType.Complete)
                .filter(Conditions::holds)
                .<Situation>map(complete -> new Completed(complete.getMessage()))
                .or(() -> find(conditions, ConditionType.Failed)
                        .filter(Conditions::holds)
                        .map(failed -> new Failed(failed.getReason(), failed.getMessage())));
    }

    /** The same conditions, for a newer generation of the manifest that changes nothing of them. */
    static List<Condition> renewed(List<Condition> conditions, Long generation) {
        return conditions.stream()
                .map(condition -> new ConditionBuilder(condition)
                        .withObservedGeneration(generation)
                        .build())
                .toList();
    }

    /** @param status null when there is none */
    static Optional<Condition> find(@Nullable EmbeddingJobStatus status, ConditionType type) {
        return find(
                Optional.ofNullable(status).map(EmbeddingJobStatus::conditions).orElse(List.of()), type);
    }

    private static Optional<Condition> find(List<Condition> conditions, ConditionType type) {
        return conditions.stream()
                .filter(condition -> type.name().equals(condition.getType()))
                .findFirst();
    }

    static boolean holds(Condition condition) {
        return "True".equals(condition.getStatus());
    }

    static boolean hold(@Nullable EmbeddingJobStatus status, ConditionType type) {
        return find(status, type).filter(Conditions::holds).isPresent();
    }

    private static Condition condition(
            ConditionType type, Truth truth, Long generation, Instant at, List<Condition> before) {
        String status = truth.holds() ? "True" : "False";
        String since = find(before, type)
                .filter(condition -> status.equals(condition.getStatus()))
                .map(Condition::getLastTransitionTime)
                .orElseGet(() -> at.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus(status)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since)
                .withReason(truth.reason())
                .withMessage(Sentence.of(truth.message()))
                .build();
    }

    private static Map<ConditionType, Truth> truths(Situation situation) {
        return switch (situation) {
            case Progressing(StatusWord word, String sentence) ->
                truths(
                        no(word.name(), sentence),
                        yes(word.name(), sentence),
                        no("Progressing", "the run goes on, or waits for what may still come"),
                        no("NotFinished", "the run has not ended"),
                        no("NotFinished", "the run has not ended"),
                        no("NotSuspended", "the job is not suspended"));
            case Queued(String sentence) ->
                truths(
                        no(StatusWord.Queued.name(), sentence),
                        yes(StatusWord.Queued.name(), sentence),
                        no("Progressing", "the run waits for its turn"),
                        no("NotFinished", "the run has not ended"),
                        no("NotFinished", "the run has not ended"),
                        yes(StatusWord.Queued.name(), sentence));
            case Refreshing(StatusWord word, String sentence) ->
                truths(
                        yes(word.name(), sentence),
                        no("Refreshing", "what has changed since is being embedded, while the table is searched"),
                        no("Refreshing", "the run goes on, or waits for its turn"),
                        no("NotFinished", "the run has not ended"),
                        no("NotFinished", "the run has not ended"),
                        no("NotSuspended", "the job is not suspended"));
            case Suspended(StatusWord word, String sentence) ->
                truths(
                        no(word.name(), sentence),
                        no(word.name(), "nothing is done while the job is suspended"),
                        no(word.name(), "nothing failed"),
                        no("NotFinished", "the run has not ended"),
                        no("NotFinished", "the run has not ended"),
                        yes(word.name(), sentence));
            case Completed(String sentence) ->
                truths(
                        yes(StatusWord.Complete.name(), sentence),
                        no(StatusWord.Complete.name(), "the run has ended"),
                        no(StatusWord.Complete.name(), "the run ended well"),
                        yes(StatusWord.Complete.name(), sentence),
                        no(StatusWord.Complete.name(), "the run ended well"),
                        no("NotSuspended", "the run has ended"));
            case Unconfirmed(String sentence) ->
                truths(
                        no(StatusWord.Unconfirmed.name(), sentence),
                        no(StatusWord.Unconfirmed.name(), "nothing is done until a person acts"),
                        yes(StatusWord.Unconfirmed.name(), sentence),
                        no(StatusWord.Unconfirmed.name(), sentence),
                        no(StatusWord.Unconfirmed.name(), "the run did not fail"),
                        no("NotSuspended", "the job is not suspended"));
            case Failed(String reason, String sentence) ->
                truths(
                        no(StatusWord.Failed.name(), sentence),
                        no(StatusWord.Failed.name(), "the run has ended"),
                        yes(reason, sentence),
                        no(StatusWord.Failed.name(), "the run failed"),
                        yes(reason, sentence),
                        no("NotSuspended", "the run has ended"));
            case Refused(StatusWord word, String sentence) ->
                truths(
                        no(word.name(), sentence),
                        no(word.name(), "nothing is done until the manifest is edited"),
                        yes(word.name(), sentence),
                        no("NotFinished", "the run has not ended"),
                        no("NotFinished", "the run has not ended"),
                        no("NotSuspended", "the job is not suspended"));
        };
    }

    private static Map<ConditionType, Truth> truths(
            Truth ready, Truth reconciling, Truth stalled, Truth complete, Truth failed, Truth suspended) {
        Map<ConditionType, Truth> truths = new EnumMap<>(ConditionType.class);
        truths.put(ConditionType.Ready, ready);
        truths.put(ConditionType.Reconciling, reconciling);
        truths.put(ConditionType.Stalled, stalled);
        truths.put(ConditionType.Complete, complete);
        truths.put(ConditionType.Failed, failed);
        truths.put(ConditionType.Suspended, suspended);
        return truths;
    }

    static Truth yes(String reason, String message) {
        return new Truth(true, reason, message);
    }

    static Truth no(String reason, String message) {
        return new Truth(false, reason, message);
    }

    /** Whether a condition holds, and why. */
    record Truth(boolean holds, String reason, String message) {}
}
