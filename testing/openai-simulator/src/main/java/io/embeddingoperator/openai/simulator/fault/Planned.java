package io.embeddingoperator.openai.simulator.fault;

import io.embeddingoperator.openai.simulator.embedding.Spoil;
import java.util.List;
import java.util.Optional;

/** What goes wrong with one request. */
public record Planned(List<Fault> faults, List<Hold> before, List<Hold> after) {
    public Planned {
        faults = List.copyOf(faults);
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    public void holdBefore() {
        before.forEach(Hold::pass);
    }

    public void holdAfter() {
        after.forEach(Hold::pass);
    }

    public Optional<Fault.Refusal> refusal() {
        return of(Fault.Refusal.class).stream().findFirst();
    }

    public Optional<Spoil> spoil() {
        return of(Fault.Spoiled.class).stream().map(Fault.Spoiled::how).findFirst();
    }

    /** Whether the client gets what it pays for. */
    public boolean delivers() {
        return of(Fault.Transport.class).stream().noneMatch(Fault.Transport::loses)
                && spoil().filter(spoil -> !spoil.harmless()).isEmpty();
    }

    public <T extends Fault> List<T> of(Class<T> kind) {
        return faults.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
