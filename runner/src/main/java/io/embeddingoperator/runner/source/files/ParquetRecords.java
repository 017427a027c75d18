package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Key;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Makes documents of the rows of a Parquet file. */
final class ParquetRecords {
    private final DocumentFields fields;
    private final List<ParquetColumn> columns;
    private final DocumentAssembly assembly;

    ParquetRecords(ParquetColumns columns) {
        this.fields = columns.fields();
        this.columns = List.copyOf(columns.columns().values());
        this.assembly = new DocumentAssembly(fields);
    }

    /** @param row the stored values, in the order of the columns */
    FileRecord read(Object[] row, String location) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < row.length; i++) {
            ParquetColumn column = columns.get(i);
            if (row[i] != null) {
                try {
                    values.put(column.name(), column.decoder().decode(row[i]));
                } catch (InvalidUtf8Exception e) {
                    return DocumentAssembly.unreadable(
                            location, "column %s is %s: write it as UTF-8".formatted(column.name(), e.getMessage()));
                }
            }
        }
        if (!values.containsKey(fields.key())) {
            return DocumentAssembly.unreadable(
                    location, "column %s is null: every document needs a key".formatted(fields.key()));
        }
        List<String> texts = new ArrayList<>(fields.text().size());
        for (String name : fields.text()) {
            Object value = values.get(name);
            texts.add(value == null ? null : value.toString());
        }
        List<Object> metadata = new ArrayList<>(fields.metadata().size());
        for (String name : fields.metadata()) {
            metadata.add(values.get(name));
        }
        return assembly.assemble(key(values.get(fields.key())), texts, metadata, location);
    }

    private static Key key(Object value) {
        return switch (value) {
            case UUID uuid -> new Key.Uuid(uuid);
            case Number number -> new Key.Number(number.longValue());
            default -> new Key.Text(value.toString());
        };
    }
}
