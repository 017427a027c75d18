package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table, or what can be read like one.
 *
 * @param name with its schema
 */
record CatalogTable(long oid, TableName name, TableKind kind, List<CatalogColumn> columns) {
    private static final int SHOWN_COLUMNS = 40;

    CatalogTable {
        columns = List.copyOf(columns);
    }

    /** The column that a field of the manifest names. */
    CatalogColumn column(String field, String column) {
        return columns.stream()
                .filter(candidate -> candidate.name().equals(column))
                .findFirst()
                .orElseThrow(
                        () -> new SpecificationException("%s names '%s', which %s does not have; its columns are %s"
                                .formatted(field, column, name, columnNames())));
    }

    /** Refuses a column that the user may not select. */
    void checkReadable(CatalogColumn column, String user) {
        if (!column.readable()) {
            throw new SpecificationException("the user %s may not read the column '%s' of %s: GRANT SELECT ON %s TO %s"
                    .formatted(user, column.name(), name, name.sql(), Identifier.quote(user)));
        }
    }

    private String columnNames() {
        String names =
                columns.stream().map(CatalogColumn::name).limit(SHOWN_COLUMNS).collect(Collectors.joining(", "));
        return columns.size() > SHOWN_COLUMNS ? names + " and " + (columns.size() - SHOWN_COLUMNS) + " more" : names;
    }
}
