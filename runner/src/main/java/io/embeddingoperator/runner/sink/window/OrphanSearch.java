package io.embeddingoperator.runner.sink.window;

import java.util.Objects;

/**
 * How a run looks for rows whose document is gone.
 *
 * @param most documents of a shard that are noted before they are only counted: more are not removed
 */
public record OrphanSearch(OrphanRemoval removal, long most) {
    public static final OrphanSearch NONE = new OrphanSearch(OrphanRemoval.NONE, 0);

    public OrphanSearch {
        Objects.requireNonNull(removal, "removal");
    }
}
