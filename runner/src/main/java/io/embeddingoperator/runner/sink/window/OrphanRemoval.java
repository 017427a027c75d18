package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.SourceSchema;

/** How rows are found whose document is gone from the source. */
public enum OrphanRemoval {
    /** Not at all. */
    NONE,
    /** With each window, to be removed at the end of the run: what stands in its range of keys and was not read. */
    BY_RANGE,
    /**
     * At the end of the run: what was not read in it. For sources that are not read by key, and for text keys, whose
     * order in the source's database need not be their order in the sink's.
     */
    AT_THE_END,
    /** At the end of the run: what the source does not have. For runs that read only what changed. */
    BY_COMPARISON;

    public static OrphanRemoval of(OrphanPolicy policy, SourceSchema schema) {
        return switch (policy) {
            case Keep -> NONE;
            case Delete ->
                schema.order() == KeyOrder.BY_KEY && schema.keyType() != KeyType.TEXT ? BY_RANGE : AT_THE_END;
        };
    }

    /** The same for a run that reads only what changed. */
    public OrphanRemoval withoutReading() {
        return this == NONE ? NONE : BY_COMPARISON;
    }
}
