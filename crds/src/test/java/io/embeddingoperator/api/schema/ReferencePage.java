package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** The CRD as a page for people: a table for each object of the manifest and of its status, one row a field. */
final class ReferencePage {
    private static final String OPENING = """
            # %s, field by field

            Generated from the CRD by `make crd`; the same sentences as `kubectl explain %s.spec --recursive`. A field in bold is required
            in its object. What Kubernetes' own types hold (resources, affinity, volumes) is told by Kubernetes' reference.
            """;

    private final StringBuilder page = new StringBuilder();

    private ReferencePage() {}

    /** @param crd the whole CustomResourceDefinition */
    static String of(JsonNode crd) {
        JsonNode fields = crd.at("/spec/versions/0/schema/openAPIV3Schema/properties");
        JsonNode names = crd.at("/spec/names");
        var reference = new ReferencePage();
        reference.page.append(OPENING.formatted(
                names.path("kind").asText(), names.at("/shortNames/0").asText()));
        reference.object("spec", fields.path("spec"));
        reference.object("status", fields.path("status"));
        return reference.page.toString();
    }

    /** A section for an object, and behind it those of the objects that it holds. */
    private void object(String path, JsonNode schema) {
        page.append("\n## ").append(path).append("\n\n");
        sentence(schema.path("description").asText());
        rules(schema);
        page.append("| field | type | default | limits | meaning |\n|---|---|---|---|---|\n");
        List<String> required =
                schema.path("required").valueStream().map(JsonNode::asText).toList();
        schema.path("properties").properties().forEach(field -> row(field, required.contains(field.getKey())));
        schema.path("properties").properties().forEach(field -> held(path + "." + field.getKey(), field.getValue()));
    }

    private void held(String path, JsonNode schema) {
        if (isKubernetesOwn(path)) {
            return;
        }
        if (schema.has("properties")) {
            object(path, schema);
        }
        if (schema.path("items").has("properties")) {
            object(path + "[]", schema.path("items"));
        }
        if (schema.path("additionalProperties").has("properties")) {
            object(path + ".*", schema.path("additionalProperties"));
        }
    }

    private static boolean isKubernetesOwn(String path) {
        return path.startsWith("spec.template.") || path.equals("status.conditions");
    }

    private void sentence(String text) {
        if (!text.isBlank()) {
            page.append(text).append("\n\n");
        }
    }

    private void rules(JsonNode schema) {
        schema.path("x-kubernetes-validations")
                .forEach(rule -> page.append("- refused: ").append(told(rule)).append('\n'));
        if (schema.has("x-kubernetes-validations")) {
            page.append('\n');
        }
    }

    /** The sentence of a rule, with a gap for each value that the API server fills in. */
    private static String told(JsonNode rule) {
        if (rule.has("message")) {
            return rule.path("message").asText();
        }
        String expression = rule.path("messageExpression").asText();
        return expression
                .replaceAll("\\.format\\(.*\\)$", "")
                .replaceAll("%[ds]|' \\+ self\\.\\w+ \\+ '", "…")
                .replaceAll("^'|'$", "");
    }

    private void row(Map.Entry<String, JsonNode> field, boolean required) {
        JsonNode schema = field.getValue();
        String name = "`" + field.getKey() + "`";
        page.append("| ")
                .append(String.join(
                        " | ",
                        required ? "**" + name + "**" : name,
                        type(schema),
                        code(schema.path("default")),
                        limits(schema),
                        cell(FieldFacts.withoutFacts(schema))))
                .append(" |\n");
    }

    private static String type(JsonNode schema) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            return "integer or string";
        }
        if (schema.has("items")) {
            return "list of " + type(schema.path("items"));
        }
        if (schema.has("additionalProperties")) {
            return "map of " + type(schema.path("additionalProperties"));
        }
        return schema.path("type").asText();
    }

    private static String limits(JsonNode schema) {
        var limits = new StringJoiner("; ");
        if (schema.has("enum")) {
            limits.add(
                    schema.path("enum").valueStream().map(ReferencePage::code).collect(Collectors.joining(", ")));
        }
        bound(limits, "at least", schema.path("minimum"), "");
        bound(limits, "at most", schema.path("maximum"), "");
        bound(limits, "at most", schema.path("maxLength"), " characters");
        bound(limits, "at least", schema.path("minItems"), " entries");
        bound(limits, "at most", schema.path("maxItems"), " entries");
        bound(limits, "at most", schema.path("maxProperties"), " entries");
        bound(limits, "like", schema.path("pattern"), "");
        return limits.toString();
    }

    private static void bound(StringJoiner limits, String word, JsonNode value, String unit) {
        if (!value.isMissingNode()) {
            limits.add("%s %s%s".formatted(word, code(value), unit));
        }
    }

    private static String code(JsonNode value) {
        if (value instanceof MissingNode) {
            return "";
        }
        if (value.isNumber() && value.doubleValue() == value.longValue()) {
            return "`" + value.longValue() + "`";
        }
        String text = value.isTextual() ? value.textValue() : value.toString();
        return text.isEmpty() ? "`\"\"`" : "`" + cell(text) + "`";
    }

    /** As a cell of a table can hold it. */
    private static String cell(String text) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        return String.join(" ", lines).replace("|", "\\|");
    }
}
