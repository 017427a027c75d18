package io.embeddingoperator.api.schema;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.TextNode;
import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.Limit;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the generator cannot say: descriptions, widths of integers, the shape of conditions, the order of columns. */
final class SchemaCompletion {
    private static final String API = ApiVersion.class.getPackageName();
    private static final String KUBERNETES = Quantity.class.getPackageName();
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The form of a quantity, for example 2.5, 500m or 16Gi. */
    private static final String QUANTITY =
            "^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";

    /** As {@code metav1.Condition} has them. */
    private static final Map<String, Long> CONDITION_LIMITS =
            Map.of("type", 316L, "reason", 1_024L, "message", 32_768L, "lastTransitionTime", (long) Limit.SHOWN_VALUE);

    private final ApiKind kind;
    private final ApiJavadoc javadoc;

    SchemaCompletion(ApiKind kind, ApiJavadoc javadoc) {
        this.kind = kind;
        this.javadoc = javadoc;
    }

    void complete(CustomResourceDefinition crd) {
        List<String> columns = columns();
        for (var version : crd.getSpec().getVersions()) {
            version.getAdditionalPrinterColumns()
                    .sort(Comparator.comparing(column -> columns.indexOf(column.getName())));
            JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
            root.setDescription(javadoc.of(nameOf(kind.resource())).orElse(null));
            root.setRequired(List.of("spec"));
            JSONSchemaProps spec = root.getProperties().get("spec");
            JSONSchemaProps status = root.getProperties().get("status");
            complete(kind.spec(), spec);
            FieldFacts.tell(spec);
            complete(kind.status(), status);
            completeConditions(status.getProperties().get("conditions"));
        }
    }

    /** The generator sorts columns by path; a reader wants them in the order in which the resource declares them. */
    private List<String> columns() {
        return Stream.of(kind.resource().getAnnotationsByType(AdditionalPrinterColumn.class))
                .map(AdditionalPrinterColumn::name)
                .toList();
    }

    private void complete(JavaType type, JSONSchemaProps schema) {
        Class<?> raw = type.getRawClass();
        if (type.isCollectionLikeType()) {
            complete(type.getContentType(), schema.getItems().getSchema());
        } else if (type.isMapLikeType()) {
            complete(type.getContentType(), schema.getAdditionalProperties().getSchema());
        } else if (raw == Quantity.class) {
            schema.setPattern(QUANTITY);
            schema.setMaxLength((long) Limit.QUANTITY);
        } else if (raw == Integer.class) {
            schema.setFormat("int32");
        } else if (raw == Long.class) {
            schema.setFormat("int64");
        } else if (schema.getProperties() != null && !schema.getProperties().isEmpty()) {
            completeProperties(type, schema);
        }
        if (raw.getPackageName().equals(KUBERNETES) && raw != Condition.class) {
            bound(schema);
        }
        if (schema.getDescription() == null && raw.getPackageName().equals(API)) {
            javadoc.of(nameOf(raw)).ifPresent(schema::setDescription);
        }
    }

    /** The records say how large their own fields may be; for Kubernetes' types this is the place. */
    private static void bound(JSONSchemaProps schema) {
        if ("string".equals(schema.getType()) && schema.getMaxLength() == null) {
            schema.setMaxLength((long) Limit.QUALIFIED_KEY);
        }
        if (schema.getItems() != null) {
            schema.setMaxItems(Optional.ofNullable(schema.getMaxItems()).orElse((long) Limit.ENTRIES));
            bound(schema.getItems().getSchema());
        }
        if (schema.getAdditionalProperties() != null) {
            schema.setMaxProperties(
                    Optional.ofNullable(schema.getMaxProperties()).orElse((long) Limit.ENTRIES));
            bound(schema.getAdditionalProperties().getSchema());
        }
        if (schema.getProperties() != null) {
            schema.getProperties().values().forEach(SchemaCompletion::bound);
        }
    }

    private void completeProperties(JavaType type, JSONSchemaProps schema) {
        for (BeanPropertyDefinition property :
                JSON.getSerializationConfig().introspect(type).findProperties()) {
            JSONSchemaProps member = schema.getProperties().get(property.getName());
            if (member != null) {
                describe(type.getRawClass(), property, member);
                complete(property.getPrimaryType(), member);
            }
        }
    }

    private void describe(Class<?> owner, BeanPropertyDefinition property, JSONSchemaProps member) {
        Class<?> type = property.getRawPrimaryType();
        Optional<String> ofMember = javadoc.of(nameOf(owner), property.getName());
        Optional<String> ofType = type.getPackageName().equals(API) ? javadoc.of(nameOf(type)) : Optional.empty();
        String choices = type.isEnum() ? choices(type) : "";
        ofMember.or(() -> ofType).ifPresent(sentence -> member.setDescription((sentence + " " + choices).strip()));
    }

    private String choices(Class<?> type) {
        return Stream.of(type.getEnumConstants())
                .flatMap(choice ->
                        javadoc.of(nameOf(type), choice.toString()).stream().map(sentence -> choice + ": " + sentence))
                .collect(Collectors.joining(" "));
    }

    /** As {@code metav1.Condition} has it; keyed by type, so that two writers may each own their conditions. */
    private static void completeConditions(JSONSchemaProps conditions) {
        conditions.setXKubernetesListType("map");
        conditions.setXKubernetesListMapKeys(List.of("type"));
        JSONSchemaProps condition = conditions.getItems().getSchema();
        condition.setRequired(List.of("lastTransitionTime", "message", "reason", "status", "type"));
        CONDITION_LIMITS.forEach(
                (name, limit) -> condition.getProperties().get(name).setMaxLength(limit));
        condition.getProperties().get("lastTransitionTime").setFormat("date-time");
        condition
                .getProperties()
                .get("status")
                .setEnum(Stream.of("True", "False", "Unknown")
                        .<JsonNode>map(TextNode::valueOf)
                        .toList());
    }

    private static String nameOf(Class<?> type) {
        return type.getEnclosingClass() == null
                ? type.getSimpleName()
                : nameOf(type.getEnclosingClass()) + "." + type.getSimpleName();
    }
}
