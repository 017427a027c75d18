package io.embeddingoperator.operator.server;

import java.util.List;

/** What the operator says of itself, in sentences about what is wrong. */
public interface Health {
    /** What only a restart of the process can correct; empty while the process is alive. */
    List<String> problems();

    /** What the operator waits for before it can work; empty when it is ready. */
    List<String> obstacles();
}
