package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Batches;
import io.embeddingoperator.api.contract.Progress.Whole;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The reports of several runners on one run: each knows the others' shards as they were some time ago, so the most is the newest. */
final class WholeRun {
    /** These two only grow, and batches at work become fewer again. */
    private static final Comparator<Batches> NEWEST_LAST = Comparator.comparingInt(Batches::submitted)
            .thenComparingInt(batches -> batches.completed() + batches.failed());

    private WholeRun() {}

    /** Null when no runner knows. */
    static @Nullable Whole most(Stream<Progress> said) {
        return said.map(Progress::whole)
                .filter(Objects::nonNull)
                .reduce(WholeRun::most)
                .orElse(null);
    }

    private static Whole most(Whole one, Whole other) {
        return new Whole(
                one.counts().max(other.counts()),
                Math.max(one.completeShards(), other.completeShards()),
                dearer(one.costUsd(), other.costUsd()),
                dearer(one.estimatedCostUsd(), other.estimatedCostUsd()),
                newer(one.batches(), other.batches()));
    }

    /** The larger of two decimals; what is none is passed over. */
    static @Nullable String dearer(@Nullable String one, @Nullable String other) {
        return Stream.of(one, other)
                .filter(usd -> usd != null && usd.matches("[0-9]{1,18}(\\.[0-9]{1,18})?"))
                .max(Comparator.comparing(BigDecimal::new))
                .orElse(null);
    }

    static @Nullable Batches newer(@Nullable Batches one, @Nullable Batches other) {
        return Stream.of(one, other)
                .filter(Objects::nonNull)
                .reduce(BinaryOperator.maxBy(NEWEST_LAST))
                .orElse(null);
    }
}
