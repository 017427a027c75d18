package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The columns that make a document.
 *
 * @param metadata one a column of {@code metadataColumns}, in the same order
 */
record DocumentColumns(
        KeyColumns key, List<CatalogColumn> texts, List<CatalogColumn> metadataColumns, List<MetadataColumn> metadata) {
    private static final String FIELDS = "spec.source.postgres.";

    DocumentColumns {
        texts = List.copyOf(texts);
        metadataColumns = List.copyOf(metadataColumns);
        metadata = List.copyOf(metadata);
    }

    /** Checks the manifest's columns against the table's. */
    static DocumentColumns of(io.embeddingoperator.api.v1alpha1.PostgresSource spec, CatalogTable table, String user) {
        KeyColumns key = spec.keyColumn() == null
                ? key(FIELDS + "keyColumns", spec.keyColumns(), table)
                : key(FIELDS + "keyColumn", List.of(spec.keyColumn()), table);
        List<CatalogColumn> texts = new ArrayList<>();
        for (String name : spec.textColumns()) {
            CatalogColumn text = table.column(FIELDS + "textColumns", name);
            if (!text.isText()) {
                throw new SpecificationException(
                        "%stextColumns names '%s', which is of type %s in %s: use columns that hold text"
                                .formatted(FIELDS, name, text.declared(), table.name()));
            }
            texts.add(text);
        }
        List<CatalogColumn> metadataColumns = new ArrayList<>();
        List<MetadataColumn> metadata = new ArrayList<>();
        Set<String> seen = new HashSet<>(Set.of(key.name()));
        for (String name : spec.metadataColumns()) {
            if (!seen.add(name)) {
                throw new SpecificationException(
                        "%smetadataColumns names '%s', which is the key or was named before: leave it out"
                                .formatted(FIELDS, name));
            }
            CatalogColumn column = table.column(FIELDS + "metadataColumns", name);
            ColumnType type = column.metadataType()
                    .orElseThrow(() -> new SpecificationException(
                            "%smetadataColumns names '%s', which is of type %s in %s: use columns of %s"
                                    .formatted(
                                            FIELDS,
                                            name,
                                            column.declared(),
                                            table.name(),
                                            CatalogColumn.METADATA_TYPES)));
            metadataColumns.add(column);
            metadata.add(new MetadataColumn(name, type));
        }
        DocumentColumns columns = new DocumentColumns(key, texts, metadataColumns, metadata);
        columns.checkReadable(table, user);
        return columns;
    }

    private static KeyColumns key(String field, List<String> names, CatalogTable table) {
        List<CatalogColumn> columns = new ArrayList<>();
        for (String name : names) {
            CatalogColumn column = table.column(field, name);
            if (column.keyType().isEmpty()) {
                throw new SpecificationException("%s names '%s', which is of type %s in %s: use a column of %s"
                        .formatted(field, name, column.declared(), table.name(), CatalogColumn.KEY_TYPES));
            }
            if (columns.contains(column)) {
                throw new SpecificationException(
                        "%s names '%s', which was named before: leave it out".formatted(field, name));
            }
            columns.add(column);
        }
        return new KeyColumns(columns);
    }

    /** The text columns' names, for a sentence. */
    String textNames() {
        List<String> names = texts.stream().map(CatalogColumn::name).toList();
        int last = names.size() - 1;
        return last == 0 ? names.getFirst() : String.join(", ", names.subList(0, last)) + " and " + names.get(last);
    }

    private void checkReadable(CatalogTable table, String user) {
        List<CatalogColumn> all = new ArrayList<>(key.columns());
        all.addAll(texts);
        all.addAll(metadataColumns);
        all.forEach(column -> table.checkReadable(column, user));
    }
}
