package io.embeddingoperator.bench.pacing;

import io.embeddingoperator.openai.simulator.limit.HeaderForm;
import io.embeddingoperator.openai.simulator.limit.ModelLimits;
import java.time.Duration;
import java.util.List;

/**
 * An account and the processes that share it.
 *
 * @param requestTexts the most texts of one request
 * @param changes of the limits, by time
 * @param latecomers processes that begin at {@link #LATE}, when the others have the whole limit among themselves
 * @param headerless the part of the replies that tell no limits
 * @param form how the server tells limits
 */
record Scenario(
        String name,
        int processes,
        ModelLimits limits,
        Texts texts,
        int requestTexts,
        List<Change> changes,
        int latecomers,
        double headerless,
        HeaderForm form,
        Binding binding) {
    static final Duration LENGTH = Duration.ofMinutes(10);
    static final Duration LATE = Duration.ofMinutes(4);

    /** Which limit is the tighter one. */
    enum Binding {
        TOKENS,
        REQUESTS
    }

    /** From a moment on the limits are so many times what they were at first. */
    record Change(Duration at, double factor) {}

    static Scenario of(String name, int processes, ModelLimits limits) {
        return new Scenario(
                name, processes, limits, Texts.MIXED, 2_048, List.of(), 0, 0, HeaderForm.OPENAI, Binding.TOKENS);
    }

    Scenario with(Texts changed, int mostTexts, Binding tighter) {
        return new Scenario(
                name, processes, limits, changed, mostTexts, changes, latecomers, headerless, form, tighter);
    }

    Scenario with(Change... changed) {
        return new Scenario(
                name, processes, limits, texts, requestTexts, List.of(changed), latecomers, headerless, form, binding);
    }

    Scenario withLatecomers(int number) {
        return new Scenario(name, processes, limits, texts, requestTexts, changes, number, headerless, form, binding);
    }

    Scenario headerless(double part) {
        return new Scenario(name, processes, limits, texts, requestTexts, changes, latecomers, part, form, binding);
    }

    Scenario with(HeaderForm changed) {
        return new Scenario(
                name, processes, limits, texts, requestTexts, changes, latecomers, headerless, changed, binding);
    }

    boolean hasLatecomers() {
        return latecomers > 0;
    }
}
