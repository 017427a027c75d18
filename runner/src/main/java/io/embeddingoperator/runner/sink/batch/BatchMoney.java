package io.embeddingoperator.runner.sink.batch;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;

/**
 * What batches cost, and what the run may.
 *
 * @param usdPerMillionTokens 0 where nothing is paid
 * @param maxUsd of the whole run, everything included; empty without a budget
 */
public record BatchMoney(BigDecimal usdPerMillionTokens, Optional<BigDecimal> maxUsd) {
    public static final BatchMoney FREE = new BatchMoney(BigDecimal.ZERO, Optional.empty());

    public BatchMoney {
        Objects.requireNonNull(usdPerMillionTokens, "usdPerMillionTokens");
        Objects.requireNonNull(maxUsd, "maxUsd");
    }
}
