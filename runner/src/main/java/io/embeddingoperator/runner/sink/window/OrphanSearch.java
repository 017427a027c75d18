package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import java.util.Objects;

/**
 * How a run looks for rows whose document is gone.
 *
 * @param empty what becomes of rows whose document has no text
 * @param most documents of a shard that are noted before they are only counted: more are not removed
 */
public record OrphanSearch(OrphanRemoval removal, EmptyPolicy empty, long most) {
    public static final OrphanSearch NONE = new OrphanSearch(OrphanRemoval.NONE, EmptyPolicy.Keep, 0);

    public OrphanSearch {
        Objects.requireNonNull(removal, "removal");
        Objects.requireNonNull(empty, "empty");
    }
}
