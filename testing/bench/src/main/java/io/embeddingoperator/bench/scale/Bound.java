package io.embeddingoperator.bench.scale;

import java.util.List;
import java.util.Locale;

/**
 * What the project promises of its scale, and what was measured.
 *
 * @param limit in words, for example {@code at most 5 s}
 */
record Bound(String promise, String limit, String measured, boolean met) {
    static Bound atMost(String promise, double limit, double measured, String unit) {
        return new Bound(promise, "at most " + number(limit, unit), number(measured, unit), measured <= limit);
    }

    static Bound atLeast(String promise, double limit, double measured, String unit) {
        return new Bound(promise, "at least " + number(limit, unit), number(measured, unit), measured >= limit);
    }

    static Bound exactly(String promise, long wanted, long measured) {
        return new Bound(
                promise,
                String.format(Locale.ROOT, "%,d", wanted),
                String.format(Locale.ROOT, "%,d", measured),
                measured == wanted);
    }

    /** A Markdown table. */
    static void print(List<Bound> bounds) {
        System.out.printf("%n| promise | bound | measured | |%n|---|---|---|---|%n");
        bounds.forEach(bound -> System.out.printf(
                "| %s | %s | %s | %s |%n", bound.promise, bound.limit, bound.measured, bound.met ? "PASS" : "FAIL"));
    }

    private static String number(double value, String unit) {
        String format = value == Math.rint(value) ? "%,.0f" : "%,.2f";
        return (String.format(Locale.ROOT, format, value) + " " + unit).strip();
    }
}
