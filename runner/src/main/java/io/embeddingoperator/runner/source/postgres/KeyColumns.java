package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * The columns that identify a document, in the order in which the source is read: one, or several that do so
 * together.
 */
record KeyColumns(List<CatalogColumn> columns) {
    /** The sink's column for keys of several columns. */
    static final String NAME_OF_SEVERAL = "document_key";

    KeyColumns {
        columns = List.copyOf(columns);
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("a key has at least one column");
        }
    }

    /** The manifest's field that names them. */
    String field() {
        return isSingle() ? "spec.source.postgres.keyColumn" : "spec.source.postgres.keyColumns";
    }

    /** The key's name in the sink. */
    String name() {
        return isSingle() ? columns.getFirst().name() : NAME_OF_SEVERAL;
    }

    /** The key's type in the sink. */
    KeyType type() {
        return isSingle() ? columns.getFirst().keyType().orElseThrow() : KeyType.TEXT;
    }

    /** The key of a row, whose values are the first ones of a result. */
    RowKey read(ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>(columns.size());
        for (int i = 1; i <= columns.size(); i++) {
            values.add(row.getString(i));
        }
        return new RowKey(values);
    }

    /**
     * The document's key. That of several columns has a slash between their values, in which ~0 stands for a tilde and ~1 for a slash,
     * as in a JSON pointer: different rows have different keys.
     */
    Key key(RowKey row) {
        return isSingle()
                ? type().parse(row.values().getFirst())
                : new Key.Text(row.values().stream()
                        .map(value -> value.replace("~", "~0").replace("/", "~1"))
                        .collect(Collectors.joining("/")));
    }

    /** The values with their names, for a person. */
    String label(RowKey row) {
        StringJoiner label = new StringJoiner(" ");
        for (int i = 0; i < columns.size(); i++) {
            label.add(columns.get(i).name() + "=" + row.values().get(i));
        }
        return label.toString();
    }

    /** The columns' names, for a sentence. */
    String names(String conjunction) {
        return columns.stream().map(CatalogColumn::name).collect(Collectors.joining(conjunction));
    }

    /** Whether the catalog allows a row without a key. */
    boolean nullable() {
        return columns.stream().anyMatch(CatalogColumn::nullable);
    }

    private boolean isSingle() {
        return columns.size() == 1;
    }
}
