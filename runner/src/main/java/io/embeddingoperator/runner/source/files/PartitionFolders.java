package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The metadata that stands in the names of a file's folders, as Hive, Spark, DuckDB and Arrow write them: {@code
 * lang=de/day=2026-01-01/part-0.parquet}.
 *
 * @param values of the metadata alone that the manifest names; null where the folder says so
 */
record PartitionFolders(Map<FileMetadata, Object> values) {
    private static final String NULL = "__HIVE_DEFAULT_PARTITION__";
    private static final Pattern ESCAPED = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

    PartitionFolders {
        values = Collections.unmodifiableMap(new HashMap<>(values));
    }

    /** @throws SpecificationException when a folder's value is none of the type that the manifest gives the column */
    static PartitionFolders of(String path, DocumentFields fields) {
        Map<String, String> folders = folders(path);
        Map<FileMetadata, Object> values = new HashMap<>();
        for (FileMetadata metadata : fields.metadata()) {
            String text = folders.get(metadata.field());
            if (text != null) {
                values.put(metadata, value(path, metadata, text, fields));
            }
        }
        return new PartitionFolders(values);
    }

    boolean has(FileMetadata metadata) {
        return values.containsKey(metadata);
    }

    @Nullable
    Object value(FileMetadata metadata) {
        return values.get(metadata);
    }

    /** One value a field of metadata; null for those that are no folder. */
    List<Object> inOrder(DocumentFields fields) {
        return Arrays.asList(fields.metadata().stream().map(values::get).toArray());
    }

    /** Of two folders of one name the inner one counts. */
    private static Map<String, String> folders(String path) {
        Map<String, String> folders = new HashMap<>();
        String[] names = path.split("/");
        for (int i = 0; i < names.length - 1; i++) {
            int equals = names[i].indexOf('=');
            if (equals > 0) {
                folders.put(unescaped(names[i].substring(0, equals)), unescaped(names[i].substring(equals + 1)));
            }
        }
        return folders;
    }

    private static @Nullable Object value(String path, FileMetadata metadata, String text, DocumentFields fields) {
        if (text.equals(NULL)) {
            return null;
        }
        ColumnType type = DocumentFields.declaredType(metadata);
        FieldValue value = new FieldValue(FieldValue.Kind.STRING, text);
        return TypedValue.of(value, type)
                .orElseThrow(() -> new SpecificationException("folder %s= of %s %s"
                        .formatted(metadata.field(), path, TypedValue.refusal(value, type, fields.manifestPath()))));
    }

    private static String unescaped(String name) {
        return ESCAPED.matcher(name).replaceAll(escaped -> Matcher.quoteReplacement(decoded(escaped)));
    }

    /** What is no text once it is decoded was not encoded. */
    private static String decoded(MatchResult escaped) {
        try {
            return StrictUtf8.decode(HexFormat.of().parseHex(escaped.group().replace("%", "")));
        } catch (InvalidUtf8Exception e) {
            return escaped.group();
        }
    }
}
