package io.embeddingoperator.runner.source;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A source divided for one run.
 *
 * @param ranges at least one; the work of the first one includes the unread documents
 * @param reading whether the ranges have all documents or those that changed
 * @param watermark from which the run after this one may go on; empty where it has to read everything
 */
public record SourcePlan(List<ShardRange> ranges, Reading reading, Optional<Watermark> watermark) {
    /** Which of its documents a source reads. */
    public sealed interface Reading {}

    /** All of them. */
    public record Everything() implements Reading {}

    /**
     * Those that changed since a watermark, or may have.
     *
     * @param unread how many others the source holds
     */
    public record Changes(long unread) implements Reading {
        public Changes {
            if (unread < 0) {
                throw new IllegalArgumentException("%d unread documents: there are none at least".formatted(unread));
            }
        }
    }

    public SourcePlan {
        ranges = List.copyOf(ranges);
        Objects.requireNonNull(reading, "reading");
        Objects.requireNonNull(watermark, "watermark");
    }

    /** Of a source that cannot tell what changed. */
    public static SourcePlan everything(List<ShardRange> ranges) {
        return new SourcePlan(ranges, new Everything(), Optional.empty());
    }

    /** How many documents count as done before the first one is read: they are as the run before left them. */
    public long unread() {
        return switch (reading) {
            case Everything _ -> 0;
            case Changes changes -> changes.unread();
        };
    }
}
