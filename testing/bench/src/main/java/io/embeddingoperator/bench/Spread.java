package io.embeddingoperator.bench;

import java.util.List;
import java.util.Locale;

/** What a number was over the rounds. */
record Spread(double min, double median, double max) {
    /** @param values one a round, at least one */
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a spread of no values: measure at least one round");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(sorted.getFirst(), median, sorted.getLast());
    }

    /**
     * Median, then the extremes.
     *
     * @param format of one number, for example {@code %.2f}
     */
    String describe(String format) {
        return String.format(Locale.ROOT, format + " (" + format + " – " + format + ")", median, min, max);
    }
}
