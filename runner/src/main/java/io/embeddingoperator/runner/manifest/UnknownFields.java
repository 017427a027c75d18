package io.embeddingoperator.runner.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds misspelt fields before anything else is checked: "tabel is not a field" says more than "table is missing", and all
 * of them are named at once.
 */
final class UnknownFields {
    private final String kind;
    private final List<String> found = new ArrayList<>();

    private UnknownFields(String kind) {
        this.kind = kind;
    }

    static void check(String file, JsonNode object, Class<? extends Record> type) {
        UnknownFields unknown = new UnknownFields(object.path("kind").asText());
        unknown.collect("", object, type);
        if (!unknown.found.isEmpty()) {
            throw new SpecificationException(file + ": " + String.join("; ", unknown.found));
        }
    }

    private void collect(String path, JsonNode object, Class<?> type) {
        if (!type.isRecord() || !object.isObject() || type.isAnnotationPresent(JsonIgnoreProperties.class)) {
            return;
        }
        Map<String, Class<?>> known = Arrays.stream(type.getRecordComponents())
                .collect(Collectors.toMap(RecordComponent::getName, RecordComponent::getType));
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            Class<?> fieldType = known.get(field.getKey());
            if (fieldType == null) {
                found.add(path + field.getKey() + " is not a field of an " + kind + ": "
                        + advice(
                                field.getKey(), known.keySet().stream().sorted().toList()));
            } else {
                collect(path + field.getKey() + ".", field.getValue(), fieldType);
            }
        }
    }

    private static String advice(String name, List<String> known) {
        Optional<String> similar =
                known.stream().filter(candidate -> looksLike(name, candidate)).findFirst();
        return similar.map("did you mean %s?"::formatted).orElseGet(() -> "known here are " + String.join(", ", known));
    }

    /** The same letters in another order or case, or one of the names inside the other. */
    private static boolean looksLike(String name, String candidate) {
        String left = name.toLowerCase(Locale.ROOT);
        String right = candidate.toLowerCase(Locale.ROOT);
        return sorted(left).equals(sorted(right)) || left.contains(right) || right.contains(left);
    }

    private static String sorted(String name) {
        char[] letters = name.toCharArray();
        Arrays.sort(letters);
        return new String(letters);
    }
}
