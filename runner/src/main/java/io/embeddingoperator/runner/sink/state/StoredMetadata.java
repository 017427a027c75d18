package io.embeddingoperator.runner.sink.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.embeddingoperator.runner.document.MetadataColumn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a document that waits, as a JSON object of texts by column. A run that takes the document over may have other
 * columns than the one that wrote it: what it lacks is null until it reads the document itself.
 */
public final class StoredMetadata {
    private static final String NOTHING = "{}";
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    private StoredMetadata() {}

    public static String write(List<MetadataColumn> columns, List<Object> values) {
        if (columns.isEmpty()) {
            return NOTHING;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Object value = values.get(i);
            texts.put(columns.get(i).name(), value == null ? null : value.toString());
        }
        try {
            return JSON.writeValueAsString(texts);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    public static List<Object> read(List<MetadataColumn> columns, String json) {
        List<Object> values = new ArrayList<>(columns.size());
        Map<String, String> texts = columns.isEmpty() ? Map.of() : parse(json);
        for (MetadataColumn column : columns) {
            values.add(value(column, texts.get(column.name())));
        }
        return values;
    }

    private static Map<String, String> parse(String json) {
        try {
            return JSON.readValue(json, TEXTS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("embedding_operator.pending_documents holds metadata that is no JSON", e);
        }
    }

    private static @Nullable Object value(MetadataColumn column, @Nullable String text) {
        try {
            return text == null ? null : column.type().parse(text);
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            // Written when the column had another type; the next reading of the document brings the right one.
            return null;
        }
    }
}
