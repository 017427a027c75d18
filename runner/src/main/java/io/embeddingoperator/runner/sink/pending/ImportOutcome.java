package io.embeddingoperator.runner.sink.pending;

import io.embeddingoperator.api.contract.Counts;
import java.util.List;
import java.util.Objects;

/**
 * What became of results.
 *
 * @param counters of the shard, with these
 * @param imported documents whose rows were written
 * @param failed documents that the sink refused for their content
 * @param ignored results whose document is not pending in this batch: it was imported before, changed or is gone
 * @param incomplete ordinals of results that have not one vector a chunk; their documents stay in the batch
 */
public record ImportOutcome(Counts counters, int imported, int failed, int ignored, List<Integer> incomplete) {
    public ImportOutcome {
        Objects.requireNonNull(counters, "counters");
        incomplete = List.copyOf(incomplete);
    }
}
