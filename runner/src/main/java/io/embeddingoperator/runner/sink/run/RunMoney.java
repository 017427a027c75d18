package io.embeddingoperator.runner.sink.run;

import io.embeddingoperator.runner.sink.batch.BatchCounts;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run has cost so far, over all shards, and its batches.
 *
 * @param spentUsd also what batches cost that are not through yet; empty where embedding costs nothing
 * @param estimatedUsd the part of it that no bill tells: replies that were lost or did not say what they cost, reckoned with the
 *     tokens that were counted here; empty where all is known
 * @param batches empty where there were none
 */
public record RunMoney(
        Optional<BigDecimal> spentUsd, Optional<BigDecimal> estimatedUsd, Optional<BatchCounts> batches) {
    public static final RunMoney NONE = new RunMoney(Optional.empty(), Optional.empty(), Optional.empty());

    public RunMoney {
        Objects.requireNonNull(spentUsd, "spentUsd");
        Objects.requireNonNull(estimatedUsd, "estimatedUsd");
        Objects.requireNonNull(batches, "batches");
    }
}
