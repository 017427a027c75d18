package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * The column that every change of a row raises.
 *
 * <p>A bound of its values is an instant in UTC, or the number of a transaction. It stands in the sink's state, whose other
 * writers must not gain a way into the source by it: so it is parsed, and written anew as a literal.
 */
record ChangeColumn(CatalogColumn column, Type type) {
    static final String FIELD = "spec.source.postgres.changeColumn";

    /** Which values a change leaves in the column. */
    enum Type {
        /** An instant of the transaction that writes, or one shortly before it. */
        TIMESTAMPTZ,
        /** The same on a clock whose zone is not known: none on Earth is further behind UTC than twelve hours. */
        TIMESTAMP,
        /** The number of the transaction that writes. */
        XID8
    }

    private static final int HOURS_BEHIND_UTC = 12;

    /** Empty where the manifest names none. */
    static Optional<ChangeColumn> of(
            io.embeddingoperator.api.v1alpha1.PostgresSource spec, CatalogTable table, String user) {
        String name = spec.changeColumn();
        if (name == null) {
            return Optional.empty();
        }
        if (table.kind() != TableKind.TABLE && table.kind() != TableKind.PARTITIONED) {
            throw new SpecificationException(
                    "%s is '%s', and %s is no table: what it shows may change without that column; name the table itself, or leave %s out"
                            .formatted(FIELD, name, table.name(), FIELD));
        }
        CatalogColumn column = table.column(FIELD, name);
        table.checkReadable(column, user);
        return Optional.of(new ChangeColumn(column, type(column, table)));
    }

    private static Type type(CatalogColumn column, CatalogTable table) {
        return switch (column.type()) {
            case "timestamptz" -> Type.TIMESTAMPTZ;
            case "timestamp" -> Type.TIMESTAMP;
            case "xid8" -> Type.XID8;
            case "int8", "int4" ->
                throw new SpecificationException(
                        ("%s names '%s', which is of type %s in %s: a transaction may commit a smaller number than those that were"
                                        + " read before; use a timestamptz that a trigger sets to now(), or an xid8 that it sets to"
                                        + " pg_current_xact_id()")
                                .formatted(FIELD, column.name(), column.declared(), table.name()));
            default ->
                throw new SpecificationException(
                        "%s names '%s', which is of type %s in %s: use a column of timestamptz, timestamp or xid8"
                                .formatted(FIELD, column.name(), column.declared(), table.name()));
        };
    }

    /** A bound, of which nothing but the value is taken, as SQL. */
    String literal(String bound) {
        return switch (type) {
            case TIMESTAMPTZ -> "'%s'::timestamptz".formatted(Instant.parse(bound));
            case TIMESTAMP ->
                "'%s'::timestamp"
                        .formatted(LocalDateTime.ofInstant(Instant.parse(bound), ZoneOffset.UTC)
                                .minusHours(HOURS_BEHIND_UTC));
            case XID8 -> "'%s'::xid8".formatted(Long.toUnsignedString(Long.parseUnsignedLong(bound)));
        };
    }
}
