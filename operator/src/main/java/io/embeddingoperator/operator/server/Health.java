package io.embeddingoperator.operator.server;

import java.util.List;

/** What the operator says of itself, in sentences about what is wrong. */
public interface Health {
    /** What only a new start can mend; empty while the process is alive. */
    List<String> ailments();

    /** What it waits for before it can work; empty when it is ready. */
    List<String> obstacles();
}
