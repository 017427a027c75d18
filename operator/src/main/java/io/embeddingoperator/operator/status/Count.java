package io.embeddingoperator.operator.status;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Sums of numbers that runners sent: never negative, and never beyond the largest long. */
final class Count {
    private Count() {}

    static long sum(long... counts) {
        return Arrays.stream(counts).reduce(0, Count::plus);
    }

    static long plus(long sum, long count) {
        long positive = Math.max(0, count);
        return sum > Long.MAX_VALUE - positive ? Long.MAX_VALUE : sum + positive;
    }

    /** The larger one; a null is no number at all. */
    static @Nullable Long larger(@Nullable Long one, @Nullable Long other) {
        if (one == null) {
            return other;
        }
        return other == null ? one : Long.valueOf(Math.max(one, other));
    }

    /** With its first two digits only, so that what is measured anew every second does not read as news every time. */
    static long roughly(double value) {
        if (!(value >= 1)) {
            return 0;
        }
        double scale = Math.pow(10, Math.max(0, Math.floor(Math.log10(value)) - 1));
        return (long) (Math.round(value / scale) * scale);
    }
}
