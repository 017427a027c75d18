package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The default and the limits of a field, in words. {@code kubectl explain} shows nothing of a schema but types, choices and descriptions,
 * so the description says the rest; it is made of the schema, where each number stands once.
 */
final class FieldFacts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FieldFacts() {}

    /** Adds them to the descriptions of all fields below. */
    static void tell(JSONSchemaProps schema) {
        if (schema.getProperties() == null) {
            return;
        }
        for (JSONSchemaProps field : schema.getProperties().values()) {
            if (field.getDescription() != null) {
                field.setDescription((field.getDescription() + " " + of(JSON.valueToTree(field))).strip());
            }
            tell(field);
            Optional.ofNullable(field.getItems()).ifPresent(items -> tell(items.getSchema()));
        }
    }

    /** The description as the records say it. */
    static String withoutFacts(JsonNode field) {
        String description = field.path("description").asText();
        String facts = of(field);
        return description.endsWith(facts)
                ? description
                        .substring(0, description.length() - facts.length())
                        .strip()
                : description;
    }

    /** Empty where the field has neither; what an object is without its members is said by these. */
    private static String of(JsonNode field) {
        List<String> facts = new ArrayList<>();
        if (field.path("default").isValueNode()) {
            facts.add("Default: " + field.path("default").asText());
        }
        between(field.path("minimum"), field.path("maximum"), "").ifPresent(facts::add);
        between(field.path("minLength"), field.path("maxLength"), " characters").ifPresent(facts::add);
        between(field.path("minItems"), field.path("maxItems"), " entries").ifPresent(facts::add);
        between(field.path("minProperties"), field.path("maxProperties"), " entries")
                .ifPresent(facts::add);
        return facts.stream().map(fact -> fact + ".").collect(Collectors.joining(" "));
    }

    private static Optional<String> between(JsonNode least, JsonNode most, String unit) {
        if (least.isNumber() && most.isNumber()) {
            return Optional.of("From %s to %s%s".formatted(plain(least), plain(most), unit));
        }
        if (least.isNumber()) {
            return Optional.of("At least %s%s".formatted(plain(least), unit));
        }
        return most.isNumber() ? Optional.of("At most %s%s".formatted(plain(most), unit)) : Optional.empty();
    }

    /** A bound as a person writes it: 1, not 1.0. */
    private static String plain(JsonNode number) {
        return number.decimalValue().stripTrailingZeros().toPlainString();
    }
}
