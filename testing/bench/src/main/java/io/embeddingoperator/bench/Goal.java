package io.embeddingoperator.bench;

import java.util.List;
import java.util.Locale;

/**
 * What the project promises, and what was measured: the median of the rounds counts.
 *
 * @param atLeast the least ratio that keeps the promise
 */
record Goal(String promise, double atLeast, Spread measured) {
    boolean met() {
        return measured.median() >= atLeast;
    }

    /** A Markdown table. */
    static void print(List<Goal> goals) {
        System.out.printf("%n| promise | ratio | measured: median (least – greatest round) | |%n|---|---|---|---|%n");
        goals.forEach(goal -> System.out.println(goal.row()));
    }

    private String row() {
        return String.format(
                Locale.ROOT,
                "| %s | at least %.2f | %s | %s |",
                promise,
                atLeast,
                measured.describe("%.3f"),
                met() ? "PASS" : "FAIL");
    }
}
