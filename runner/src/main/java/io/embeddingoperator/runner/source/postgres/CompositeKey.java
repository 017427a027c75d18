package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import java.util.List;
import java.util.stream.Collectors;

/** Columns that tell rows apart only together. A document has one key, so they need a column that holds all of them. */
record CompositeKey(TableName table, List<CatalogColumn> columns) {
    private static final String COLUMN = "document_key";

    CompositeKey {
        columns = List.copyOf(columns);
    }

    /** What to do, as the end of a sentence that names the table. */
    String remedy() {
        return ", whose rows are told apart by %s together: %s, and make %s the keyColumn"
                .formatted(
                        columns.stream().map(CatalogColumn::name).collect(Collectors.joining(" and ")),
                        statements(),
                        COLUMN);
    }

    /** The texts of types that keys may have depend on no setting, which a generated column asks for. */
    private String statements() {
        String key = columns.stream()
                .map(column -> Identifier.quote(column.name()) + "::text")
                .collect(Collectors.joining(" || '/' || "));
        boolean isConstant =
                columns.stream().allMatch(column -> column.keyType().isPresent());
        return isConstant
                ? "ALTER TABLE %s ADD %s text GENERATED ALWAYS AS (%s) STORED; CREATE UNIQUE INDEX ON %s (%s)"
                        .formatted(table.sql(), COLUMN, key, table.sql(), COLUMN)
                : "CREATE VIEW %s AS SELECT *, %s AS %s FROM %s, name it as the table"
                        .formatted(view().sql(), key, COLUMN, table.sql());
    }

    private TableName view() {
        return new TableName(table.schema(), table.table() + "_by_key");
    }
}
