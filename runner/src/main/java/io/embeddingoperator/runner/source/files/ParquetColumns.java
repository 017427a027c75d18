package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The columns of a Parquet file that make a document.
 *
 * @param file for messages
 * @param requested the part of the file's schema that is read
 * @param columns one a field of {@code requested}, in its order
 * @param keyType the type of the key's column
 */
record ParquetColumns(
        String file,
        DocumentFields fields,
        MessageType requested,
        Map<String, ParquetColumn> columns,
        KeyType keyType) {

    /** Finds the columns in the schema of a file; each one that cannot serve is named. */
    static ParquetColumns of(String file, DocumentFields fields, MessageType schema) {
        Map<String, ParquetColumn> columns = new LinkedHashMap<>();
        List<Type> requested = new ArrayList<>();
        List<Use> uses = new ArrayList<>();
        uses.add(new Use(fields.manifestPath() + ".keyField is", fields.key()));
        fields.text().forEach(name -> uses.add(new Use(fields.manifestPath() + ".textFields names", name)));
        fields.metadata().forEach(name -> uses.add(new Use(fields.manifestPath() + ".metadataFields names", name)));
        for (Use use : uses) {
            ParquetColumn column = use.find(file, schema);
            if (columns.put(use.name(), column) == null) {
                requested.add(schema.getType(use.name()));
            }
        }
        KeyType keyType = keyType(columns.get(fields.key()), file, fields);
        return new ParquetColumns(file, fields, new MessageType(schema.getName(), requested), columns, keyType);
    }

    List<MetadataColumn> metadata() {
        return fields.metadata().stream()
                .map(name -> new MetadataColumn(name, columns.get(name).type()))
                .toList();
    }

    /** Whether this file gives each column a type. */
    boolean areTyped() {
        return columns.values().stream().noneMatch(ParquetColumn::onlyNulls);
    }

    /** These, where a column that has no type here has the one of another file. */
    ParquetColumns typedBy(ParquetColumns other) {
        Map<String, ParquetColumn> typed = new LinkedHashMap<>();
        columns.forEach((name, column) -> typed.put(name, column.onlyNulls() ? other.columns.get(name) : column));
        return new ParquetColumns(file, fields, requested, typed, keyType(typed.get(fields.key()), file, fields));
    }

    /** @throws SpecificationException when another file has other types */
    void refuseOther(ParquetColumns other) {
        columns.forEach((name, column) -> {
            ColumnType type = other.columns.get(name).type();
            if (type != column.type() && !other.columns.get(name).onlyNulls()) {
                throw new SpecificationException(
                        "column %s is %s in %s and %s in %s: name files with the same columns in %s.path"
                                .formatted(
                                        name,
                                        column.type().sqlName(),
                                        file,
                                        type.sqlName(),
                                        other.file,
                                        fields.manifestPath()));
            }
        });
    }

    private static KeyType keyType(ParquetColumn key, String file, DocumentFields fields) {
        return switch (key.type()) {
            case SMALLINT, INTEGER -> KeyType.INTEGER;
            case BIGINT -> KeyType.BIGINT;
            case TEXT -> KeyType.TEXT;
            case UUID -> KeyType.UUID;
            case BOOLEAN, REAL, DOUBLE, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ, JSONB ->
                throw new SpecificationException(
                        "%s.keyField is %s, which is %s in %s: a key is an integer, a string or a uuid"
                                .formatted(
                                        fields.manifestPath(),
                                        key.name(),
                                        key.type().sqlName(),
                                        file));
        };
    }

    /**
     * A column that the manifest names.
     *
     * @param subject how a sentence about it begins
     */
    private record Use(String subject, String name) {
        ParquetColumn find(String file, MessageType schema) {
            if (!schema.containsField(name)) {
                String known = String.join(
                        ", ", schema.getFields().stream().map(Type::getName).toList());
                throw new SpecificationException("%s %s, a column that %s does not have: its columns are %s"
                        .formatted(subject, name, file, known));
            }
            long same = schema.getFields().stream()
                    .filter(field -> field.getName().equals(name))
                    .count();
            if (same > 1) {
                throw new SpecificationException("%s %s, a name that %d columns of %s have: give each a name of its own"
                        .formatted(subject, name, same, file));
            }
            Type type = schema.getType(name);
            if (!type.isPrimitive() || type.isRepetition(Type.Repetition.REPEATED)) {
                throw new SpecificationException(
                        "%s %s, which has parts in %s: name a column of single values".formatted(subject, name, file));
            }
            return ParquetColumn.of(type.asPrimitiveType())
                    .orElseThrow(
                            () -> new SpecificationException("%s %s, which in %s has a type that cannot be read (%s)"
                                    .formatted(subject, name, file, type)));
        }
    }
}
