package io.embeddingoperator.openai.simulator.ledger;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a strict test asserts to be empty. */
public final class Violations {
    private static final int MOST_KEPT = 1_000;

    private final List<Violation> violations = new CopyOnWriteArrayList<>();

    public void add(Violation violation) {
        if (violations.size() < MOST_KEPT) {
            violations.add(violation);
        }
    }

    public List<Violation> all() {
        return List.copyOf(violations);
    }

    public void clear() {
        violations.clear();
    }
}
