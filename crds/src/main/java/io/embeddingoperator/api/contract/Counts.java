package io.embeddingoperator.api.contract;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.function.LongBinaryOperator;

/**
 * What committed windows of a shard, or of several, have done.
 *
 * @param work in the source's unit: documents of a table, bytes of files
 * @param embedded documents
 * @param skipped documents that were in the sink already, unchanged
 * @param failed documents
 * @param truncatedChunks chunks that the model could not take whole
 * @param unknownChunks chunks of which at least half of the tokens are unknown to the model
 * @param removed documents whose rows were removed because they are gone from the source, or have no text any more where onEmpty is
 *     Delete
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Counts(
        long work,
        long embedded,
        long skipped,
        long failed,
        long chunks,
        long tokens,
        long truncatedChunks,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long unknownChunks,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long removed) {
    public static final Counts ZERO = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** What a window says beside the documents that it embeds. */
    public static Counts window(long work, long skipped, long failed) {
        return new Counts(work, 0, skipped, failed, 0, 0, 0, 0, 0);
    }

    public static Counts embedded(long documents, long chunks, long tokens, long truncatedChunks, long unknownChunks) {
        return new Counts(0, documents, 0, 0, chunks, tokens, truncatedChunks, unknownChunks, 0);
    }

    public static Counts failed(long documents) {
        return new Counts(0, 0, 0, documents, 0, 0, 0, 0, 0);
    }

    public static Counts removed(long documents) {
        return new Counts(0, 0, 0, 0, 0, 0, 0, 0, documents);
    }

    /** Documents that are done, in one way or the other. */
    public long finished() {
        return embedded + skipped + failed;
    }

    /** These without some of the embedded documents, which are counted when they are read. */
    public Counts withoutDocuments(long countedLater) {
        return new Counts(
                work,
                embedded - countedLater,
                skipped,
                failed,
                chunks,
                tokens,
                truncatedChunks,
                unknownChunks,
                removed);
    }

    /** These with another number of removed documents. */
    public Counts withRemoved(long documents) {
        return new Counts(work, embedded, skipped, failed, chunks, tokens, truncatedChunks, unknownChunks, documents);
    }

    /**
     * Whether a shard had these counts before it had the others. All but {@code embedded} only grow while one owner commits;
     * a shard that completes may find that it has counted a document twice.
     */
    public boolean isOlderThan(Counts other) {
        return work < other.work
                || skipped < other.skipped
                || failed < other.failed
                || chunks < other.chunks
                || tokens < other.tokens
                || truncatedChunks < other.truncatedChunks
                || unknownChunks < other.unknownChunks
                || removed < other.removed;
    }

    public Counts plus(Counts other) {
        return with(other, Long::sum);
    }

    /** Of each count the larger: of two readings that only grow, the newer. */
    public Counts max(Counts other) {
        return with(other, Math::max);
    }

    private Counts with(Counts other, LongBinaryOperator of) {
        return new Counts(
                of.applyAsLong(work, other.work),
                of.applyAsLong(embedded, other.embedded),
                of.applyAsLong(skipped, other.skipped),
                of.applyAsLong(failed, other.failed),
                of.applyAsLong(chunks, other.chunks),
                of.applyAsLong(tokens, other.tokens),
                of.applyAsLong(truncatedChunks, other.truncatedChunks),
                of.applyAsLong(unknownChunks, other.unknownChunks),
                of.applyAsLong(removed, other.removed));
    }
}
