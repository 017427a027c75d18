package io.embeddingoperator.runner.source.postgres;

import java.util.Objects;
import java.util.function.Function;

/**
 * Rows whose column of changes is not below a bound. One without a value may have changed at any time.
 *
 * @param bound as {@link ChangeColumn#literal} takes it
 */
record ChangedSince(ChangeColumn column, String bound) {
    ChangedSince {
        Objects.requireNonNull(column, "column");
        Objects.requireNonNull(bound, "bound");
    }

    /** @param name writes a column so that no alias is taken for it */
    String sql(Function<CatalogColumn, String> name) {
        String value = name.apply(column.column());
        String changed = "%s >= %s".formatted(value, column.literal(bound));
        return column.column().nullable() ? "(%s OR %s IS NULL)".formatted(changed, value) : changed;
    }
}
