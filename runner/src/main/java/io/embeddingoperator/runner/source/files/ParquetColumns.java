package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * The columns of a Parquet file that make a document. Metadata that is no column of the file may stand in the names of its
 * folders.
 *
 * @param file for messages
 * @param requested the part of the file's schema that is read
 * @param columns one a value of a row of {@code requested}, in its order
 * @param folders metadata that is no column counts as it stands in them
 * @param keyType the type of the key's column
 */
record ParquetColumns(
        String file,
        DocumentFields fields,
        MessageType requested,
        Map<String, ParquetColumn> columns,
        PartitionFolders folders,
        KeyType keyType) {

    /** Finds the columns in the schema of a file; each one that cannot serve is named. */
    static ParquetColumns of(String file, DocumentFields fields, MessageType schema) {
        PartitionFolders folders = PartitionFolders.of(file, fields);
        Map<List<String>, ParquetColumn> found = new HashMap<>();
        MessageType requested = new MessageType(schema.getName());
        List<Use> uses = new ArrayList<>();
        uses.add(new Use(fields.manifestPath() + ".keyField is", fields.key()));
        fields.text().forEach(name -> uses.add(new Use(fields.manifestPath() + ".textFields names", name)));
        fields.metadata().stream()
                .filter(metadata -> !folders.has(metadata)
                        || !ColumnPath.of(schema, metadata.field()).isEmpty())
                .map(FileMetadata::field)
                .forEach(name -> uses.add(new Use(fields.manifestPath() + ": the metadata names", name)));
        for (Use use : uses) {
            ColumnPath path = ColumnPath.of(schema, use.name());
            found.put(path.names(), use.column(file, schema, path));
            requested = requested.union(path.requested(schema.getName()));
        }
        Map<String, ParquetColumn> columns = new LinkedHashMap<>();
        for (String[] path : requested.getPaths()) {
            ParquetColumn column = Objects.requireNonNull(found.get(List.of(path)));
            columns.put(column.name(), column);
        }
        for (FileMetadata metadata : fields.metadata()) {
            ParquetColumn column = columns.get(metadata.field());
            if (column != null && !column.onlyNulls()) {
                refuseOther(file, fields, metadata, column);
            }
        }
        KeyType keyType = keyType(columns, file, fields);
        return new ParquetColumns(file, fields, requested, columns, folders, keyType);
    }

    List<MetadataColumn> metadata() {
        return fields.metadata().stream()
                .map(metadata -> new MetadataColumn(metadata.columnName(), type(metadata)))
                .toList();
    }

    /** What the manifest calls each column, by its path in the file. */
    Map<List<String>, String> names() {
        Map<List<String>, String> names = new HashMap<>();
        Iterator<String> inOrder = columns.keySet().iterator();
        requested.getPaths().forEach(path -> names.put(List.of(path), inOrder.next()));
        return names;
    }

    /** Whether this file gives each column a type. */
    boolean areTyped() {
        return columns.values().stream().noneMatch(ParquetColumn::onlyNulls);
    }

    /** These, where a column that has no type here has the one of another file. */
    ParquetColumns typedBy(ParquetColumns other) {
        Map<String, ParquetColumn> typed = new LinkedHashMap<>();
        columns.forEach((name, column) ->
                typed.put(name, column.onlyNulls() ? other.columns.getOrDefault(name, column) : column));
        return new ParquetColumns(file, fields, requested, typed, folders, keyType(typed, file, fields));
    }

    /** @throws SpecificationException when another file has other types */
    void refuseOther(ParquetColumns other) {
        fields.metadata()
                .forEach(metadata -> refuseOther(other, metadata.field(), type(metadata), other.type(metadata)));
        columns.forEach((name, column) -> {
            if (other.columns.containsKey(name)) {
                refuseOther(other, name, column.type(), other.columns.get(name).type());
            }
        });
    }

    private void refuseOther(ParquetColumns other, String name, ColumnType here, ColumnType there) {
        if (here != there && !other.isOnlyNulls(name)) {
            throw new SpecificationException(
                    "column %s is %s in %s and %s in %s: name files with the same columns in %s.path"
                            .formatted(name, here.sqlName(), file, there.sqlName(), other.file, fields.manifestPath()));
        }
    }

    private boolean isOnlyNulls(String name) {
        return columns.containsKey(name) && columns.get(name).onlyNulls();
    }

    private ColumnType type(FileMetadata metadata) {
        ParquetColumn column = columns.get(metadata.field());
        return column == null || column.onlyNulls() ? DocumentFields.declaredType(metadata) : column.type();
    }

    /** A column of a file has its own type. */
    private static void refuseOther(String file, DocumentFields fields, FileMetadata metadata, ParquetColumn column) {
        if (metadata.type() != null && TypedValue.type(metadata.type()) != column.type()) {
            throw new SpecificationException(
                    "%s: the metadata gives %s the type %s, and it is a column of %s in %s: leave the type out"
                            .formatted(
                                    fields.manifestPath(),
                                    metadata.field(),
                                    metadata.type(),
                                    column.type().sqlName(),
                                    file));
        }
    }

    private static KeyType keyType(Map<String, ParquetColumn> columns, String file, DocumentFields fields) {
        ParquetColumn key = Objects.requireNonNull(columns.get(fields.key()), fields.key());
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
        ParquetColumn column(String file, MessageType schema, ColumnPath path) {
            if (path.isEmpty()) {
                String known = String.join(
                        ", ", schema.getFields().stream().map(Type::getName).toList());
                throw new SpecificationException("%s %s, a column that %s does not have: its columns are %s"
                        .formatted(subject, name, file, known));
            }
            if (path.sameNames() > 1) {
                throw new SpecificationException("%s %s, a name that %d columns of %s have: give each a name of its own"
                        .formatted(subject, name, path.sameNames(), file));
            }
            Type type = path.last();
            if (!type.isPrimitive() || type.isRepetition(Type.Repetition.REPEATED)) {
                throw new SpecificationException(
                        "%s %s, which has parts in %s: name a column of single values".formatted(subject, name, file));
            }
            return ParquetColumn.of(name, type.asPrimitiveType())
                    .orElseThrow(
                            () -> new SpecificationException("%s %s, which in %s has a type that cannot be read (%s)"
                                    .formatted(subject, name, file, type)));
        }
    }
}
