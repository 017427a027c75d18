package io.embeddingoperator.runner.sink.preparation;

import io.embeddingoperator.runner.sink.generation.Swap;
import io.embeddingoperator.runner.sink.table.EmbeddingTable;
import io.embeddingoperator.runner.sink.table.GenerationNames;
import java.util.Objects;
import java.util.Optional;

/**
 * The table that a run writes to.
 *
 * @param swap where it is to take the place of another one
 */
public record PreparedTable(EmbeddingTable table, Optional<Swap> swap) {
    public PreparedTable {
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(swap, "swap");
    }

    static PreparedTable live(EmbeddingTable table) {
        return new PreparedTable(table, Optional.empty());
    }

    static PreparedTable beside(Swap swap) {
        return new PreparedTable(swap.next(), Optional.of(swap));
    }

    /** The names of the live table and of those beside it. */
    public GenerationNames generations() {
        return new GenerationNames(swap.map(Swap::live).orElse(table).name());
    }
}
