package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import java.util.List;
import java.util.stream.Collectors;

/** Columns that tell rows apart only together, where the manifest names fewer of them. */
record CompositeKey(TableName table, List<CatalogColumn> columns) {
    CompositeKey {
        columns = List.copyOf(columns);
    }

    /** What to do, as the end of a sentence that names the table. */
    String remedy() {
        KeyColumns key = new KeyColumns(columns);
        boolean canBeKey = columns.stream().allMatch(column -> column.keyType().isPresent());
        return ", whose rows are told apart by %s together: %s"
                .formatted(
                        key.names(" and "),
                        canBeKey ? "name them all, keyColumns: [%s]".formatted(key.names(", ")) : throughAView());
    }

    /** For columns whose types no key has. */
    private String throughAView() {
        String key = columns.stream()
                .map(column -> Identifier.quote(column.name()) + "::text")
                .collect(Collectors.joining(" || '/' || "));
        return "CREATE VIEW %s AS SELECT *, %s AS %s FROM %s, name it as the table, and make %s the keyColumn"
                .formatted(view().sql(), key, KeyColumns.NAME_OF_SEVERAL, table.sql(), KeyColumns.NAME_OF_SEVERAL);
    }

    private TableName view() {
        return new TableName(table.schema(), table.table() + "_by_key");
    }
}
