package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes documents of the rows of a Parquet file. A page of a few bytes may hold values of many megabytes, so a row is judged
 * by the lengths of its values before one of them is copied.
 */
final class ParquetRecords {
    /** As PostgreSQL's numeric has 147,455 digits at the most. */
    private static final int MAX_NUMERIC_BYTES = 64 * 1024;

    /** A key that is too long for the sink names its document to this length, so that the run still knows all keys. */
    private static final int MAX_READ_KEY_BYTES = 64 * 1024;

    private final DocumentFields fields;
    private final List<ParquetColumn> columns;
    private final PartitionFolders folders;
    private final int keyIndex;
    private final DocumentAssembly assembly;

    ParquetRecords(ParquetColumns columns) {
        this.fields = columns.fields();
        this.columns = List.copyOf(columns.columns().values());
        this.folders = columns.folders();
        this.keyIndex = List.copyOf(columns.columns().keySet()).indexOf(fields.key());
        this.assembly = new DocumentAssembly(fields);
    }

    /** @param row the stored values, in the order of the columns */
    FileRecord read(Object[] row, String location) {
        if (row[keyIndex] == null) {
            return DocumentAssembly.unreadable(
                    location, "column %s is null: every document needs a key".formatted(fields.key()));
        }
        if (bytes(row[keyIndex]) > MAX_READ_KEY_BYTES) {
            return DocumentAssembly.unreadable(location, tooLongKey(bytes(row[keyIndex])));
        }
        int index = keyIndex;
        try {
            Key key = key(Objects.requireNonNull(decoded(row, keyIndex)));
            Optional<String> refusal = refusal(row);
            if (refusal.isPresent()) {
                return DocumentAssembly.unreadable(Optional.of(key.toString()), location, refusal.get());
            }
            Map<String, Object> values = new LinkedHashMap<>();
            for (index = 0; index < row.length; index++) {
                values.put(columns.get(index).name(), decoded(row, index));
            }
            return document(key, values, location);
        } catch (InvalidUtf8Exception e) {
            return DocumentAssembly.unreadable(
                    location,
                    "column %s is %s: write it as UTF-8"
                            .formatted(columns.get(index).name(), e.getMessage()));
        }
    }

    private FileRecord document(Key key, Map<String, Object> values, String location) {
        List<String> texts = new ArrayList<>(fields.text().size());
        for (String name : fields.text()) {
            Object value = values.get(name);
            texts.add(value == null ? null : value.toString());
        }
        List<Object> metadata = new ArrayList<>(fields.metadata().size());
        for (FileMetadata field : fields.metadata()) {
            String name = field.field();
            metadata.add(values.containsKey(name) ? values.get(name) : folders.value(field));
        }
        return assembly.assemble(key, texts, metadata, location);
    }

    private @Nullable Object decoded(Object[] row, int index) throws InvalidUtf8Exception {
        ParquetColumn.Decoder decoder = columns.get(index).decoder();
        return switch (row[index]) {
            case null -> null;
            case StoredBytes bytes -> bytes.decoded(decoder);
            case Object value -> decoder.decode(value);
        };
    }

    /** Why the row is too large, if it is. */
    private Optional<String> refusal(Object[] row) {
        long total = 0;
        for (int i = 0; i < row.length; i++) {
            long bytes = bytes(row[i]);
            if (columns.get(i).type() == ColumnType.NUMERIC && bytes > MAX_NUMERIC_BYTES) {
                return Optional.of(tooLongNumber(columns.get(i).name(), bytes));
            }
            total += bytes;
        }
        return total > Limits.MAX_DOCUMENT_BYTES ? Optional.of(tooLong(total)) : Optional.empty();
    }

    private static long bytes(Object stored) {
        return stored instanceof StoredBytes bytes ? bytes.length() : 0;
    }

    private String tooLongKey(long bytes) {
        return String.format(
                Locale.ROOT,
                "column %s is %,d bytes long, and %,d are the most of a key: give the document a shorter one",
                fields.key(),
                bytes,
                Limits.MAX_KEY_BYTES);
    }

    private static String tooLongNumber(String column, long bytes) {
        return String.format(
                Locale.ROOT,
                "column %s is a number of %,d bytes, and %,d are the most: correct it",
                column,
                bytes,
                MAX_NUMERIC_BYTES);
    }

    private static String tooLong(long bytes) {
        return String.format(
                Locale.ROOT,
                "text and metadata are %,d bytes long, and %,d are the most: split the document",
                bytes,
                Limits.MAX_DOCUMENT_BYTES);
    }

    private static Key key(Object value) {
        return switch (value) {
            case UUID uuid -> new Key.Uuid(uuid);
            case Number number -> new Key.Number(number.longValue());
            default -> new Key.Text(value.toString());
        };
    }
}
