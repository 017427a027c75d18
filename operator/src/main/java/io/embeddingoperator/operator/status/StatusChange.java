package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.FailedDocumentStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What became different from one status to the next.
 *
 * @param before the status as it stood, or null before the first
 * @param after the status as it is now
 */
public record StatusChange(EmbeddingJobStatus before, EmbeddingJobStatus after) {
    public StatusChange {
        Objects.requireNonNull(after, "after");
    }

    /** Whether more than numbers and the sentences about them changed: this is written at once. */
    public boolean isUrgent() {
        return before == null
                || !Objects.equals(before.run(), after.run())
                || !Objects.equals(before.observedGeneration(), after.observedGeneration())
                || Arrays.stream(ConditionType.values()).anyMatch(this::turned);
    }

    /** What a person would want to know of, each once. */
    public List<NewEvent> events() {
        List<NewEvent> events = new ArrayList<>();
        Condition ready = Conditions.find(after, ConditionType.Ready).orElseThrow();
        if (isNewRun()
                || turned(ConditionType.Ready) && !isInterlude()
                || failedShards(after) > (isNewRun() ? 0 : failedShards(before))) {
            word(ready).ifPresent(events::add);
        }
        if (failedDocuments(after) > 0 && (isNewRun() || failedDocuments(before) == 0)) {
            events.add(new NewEvent(NewEvent.Type.Warning, "DocumentFailed", failedDocument()));
        }
        return events;
    }

    /** A runner that works and waits by turns, or ends its run and is heard no more, is told of in the status alone. */
    private boolean isInterlude() {
        return isInterlude(after)
                || (isInterlude(before) || is(StatusWord.Indexing, before)) && is(StatusWord.Running, after);
    }

    private static boolean isInterlude(EmbeddingJobStatus status) {
        return Arrays.stream(StatusWord.values())
                .filter(StatusWord::isInterlude)
                .anyMatch(word -> is(word, status));
    }

    private static boolean is(StatusWord word, EmbeddingJobStatus status) {
        return Conditions.find(status, ConditionType.Ready)
                .filter(ready -> word.name().equals(ready.getReason()))
                .isPresent();
    }

    private Optional<NewEvent> word(Condition ready) {
        StatusWord word = StatusWord.valueOf(ready.getReason());
        if (word == StatusWord.Pending) {
            return Optional.empty();
        }
        return Optional.of(new NewEvent(
                word.isTrouble() ? NewEvent.Type.Warning : NewEvent.Type.Normal, word.name(), ready.getMessage()));
    }

    private boolean isNewRun() {
        return before == null || !Objects.equals(before.run(), after.run());
    }

    private boolean turned(ConditionType type) {
        return !Conditions.find(before, type)
                .map(StatusChange::essence)
                .equals(Conditions.find(after, type).map(StatusChange::essence));
    }

    private static List<String> essence(Condition condition) {
        return List.of(condition.getStatus(), condition.getReason());
    }

    private static int failedShards(EmbeddingJobStatus status) {
        return status.shards() == null || status.shards().failed() == null
                ? 0
                : status.shards().failed();
    }

    private static long failedDocuments(EmbeddingJobStatus status) {
        return status.documents() == null || status.documents().failed() == null
                ? 0
                : status.documents().failed();
    }

    private String failedDocument() {
        List<FailedDocumentStatus> shown = after.failedDocuments();
        String first = shown == null || shown.isEmpty()
                ? Sentence.count(failedDocuments(after), "document") + " failed"
                : "document %s failed: %s"
                        .formatted(shown.getFirst().key(), shown.getFirst().reason());
        return Sentence.of(first + "; the others go on. All failures are in embedding_operator.failed_documents");
    }
}
