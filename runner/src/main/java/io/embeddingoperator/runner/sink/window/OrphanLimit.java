package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.contract.Counts;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How many of a job's documents a run may remove. A source that is being reloaded, or a condition with a mistake in it, looks
 * as if most of them were gone.
 *
 * @param table as a person knows it
 * @param percent of the documents; 100 for any number
 * @param before how many documents the job had in the table when its last run ended well; what a run adds does not make room
 *     for removals. Empty before there was such a run
 */
public record OrphanLimit(String table, int percent, OptionalLong before) {
    private static final int ANY = 100;

    public OrphanLimit {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(before, "before");
    }

    /** The most that can be within the limit. */
    public long most() {
        return percent == ANY || before.isEmpty() ? Long.MAX_VALUE : allowed(before.getAsLong());
    }

    /**
     * A sentence that says why none of the documents is removed; empty when all of them may be.
     *
     * @param found how many are gone from the source
     * @param read what the run made of the documents that the source holds
     */
    public Optional<String> refusal(long found, Counts read) {
        if (found == 0 || percent == ANY) {
            return Optional.empty();
        }
        if (read.embedded() + read.skipped() + read.failed() == 0) {
            return Optional.of(
                    ("the source holds no documents, and this job has %,d in %s: none was removed. Check the source, and its"
                                    + " where; if they are to go, set spec.sink.pgvector.orphanLimitPercent to 100 and change"
                                    + " spec.runNonce")
                            .formatted(found, table));
        }
        long stood = Math.max(found, before.orElse(found + read.skipped()));
        return found <= allowed(stood)
                ? Optional.empty()
                : Optional.of(
                        ("%,d of the %,d documents that this job had in %s are gone from the source, %d %%, more than"
                                        + " spec.sink.pgvector.orphanLimitPercent (%d) allows: none was removed. Check the source,"
                                        + " and its where; if they are to go, raise the limit and change spec.runNonce")
                                .formatted(found, stood, table, share(found, stood), percent));
    }

    private long allowed(long documents) {
        return documents / 100 * percent + documents % 100 * percent / 100;
    }

    /** Rounded up: it is never told to be as small as the limit when it is larger. */
    private static long share(long found, long stood) {
        return (long) Math.ceil(100.0 * found / stood);
    }
}
