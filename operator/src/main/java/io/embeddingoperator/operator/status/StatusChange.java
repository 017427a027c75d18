package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.ShardCounts;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What became different from one status to the next.
 *
 * @param before the status as it stood, or null before the first
 * @param after the status as it is now
 */
public record StatusChange(@Nullable EmbeddingJobStatus before, EmbeddingJobStatus after) {
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
                || turned(ConditionType.Ready) && !isTransientChange()
                || failedShards(after) > failedShardsBefore()) {
            word(ready).ifPresent(events::add);
        }
        if (failedDocuments(after) > 0 && (isNewRun() || failedDocuments(before) == 0)) {
            events.add(new NewEvent(NewEvent.Type.Warning, "DocumentFailed", failedDocument()));
        }
        return events;
    }

    /** Only the status tells of a runner that works and waits by turns, or that ends its run and answers no more. */
    private boolean isTransientChange() {
        return isTransient(after)
                || (isTransient(before) || is(StatusWord.Indexing, before)) && is(StatusWord.Running, after);
    }

    private static boolean isTransient(@Nullable EmbeddingJobStatus status) {
        return Arrays.stream(StatusWord.values())
                .filter(StatusWord::isTransient)
                .anyMatch(word -> is(word, status));
    }

    private static boolean is(StatusWord word, @Nullable EmbeddingJobStatus status) {
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

    private static int failedShards(@Nullable EmbeddingJobStatus status) {
        return Optional.ofNullable(status)
                .map(EmbeddingJobStatus::shards)
                .map(ShardCounts::failed)
                .orElse(0);
    }

    private int failedShardsBefore() {
        return isNewRun() ? 0 : failedShards(before);
    }

    private static long failedDocuments(@Nullable EmbeddingJobStatus status) {
        return Optional.ofNullable(status)
                .map(EmbeddingJobStatus::documents)
                .map(DocumentCounts::failed)
                .orElse(0L);
    }

    private String failedDocument() {
        String first = Stream.ofNullable(after.failedDocuments())
                .flatMap(List::stream)
                .findFirst()
                .map(shown -> "document %s failed: %s".formatted(shown.key(), shown.reason()))
                .orElseGet(() -> Sentence.count(failedDocuments(after), "document") + " failed");
        return Sentence.of(first + "; the others go on. All failures are in embedding_operator.failed_documents");
    }
}
