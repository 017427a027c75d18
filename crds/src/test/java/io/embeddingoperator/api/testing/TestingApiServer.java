package io.embeddingoperator.api.testing;

import static dev.cel.common.CelFunctionDecl.newFunctionDeclaration;
import static dev.cel.common.CelOverloadDecl.newMemberOverload;
import static dev.cel.parser.CelStandardMacro.STANDARD_MACROS;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.extensions.CelStringExtensions.Function;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an API server that holds the CRD does with a manifest: drop nulls, fill in defaults, check the structure, and
 * when that is right, the rules. It knows the parts of a schema that our CRD uses.
 */
public final class TestingApiServer {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
    private static final CelStringExtensions STRINGS = CelExtensions.strings(Function.LOWER_ASCII, Function.REPLACE);

    private static final Cel CEL = CelFactory.standardCelBuilder()
            .setStandardMacros(STANDARD_MACROS)
            .addVar("self", SimpleType.DYN)
            .addVar("oldSelf", SimpleType.DYN)
            .addFunctionDeclarations(newFunctionDeclaration(
                    "format",
                    newMemberOverload("format", SimpleType.STRING, SimpleType.STRING, ListType.create(SimpleType.DYN))))
            .addCompilerLibraries(STRINGS)
            .addRuntimeLibraries(STRINGS)
            .addFunctionBindings(CelFunctionBinding.from(
                    "format", String.class, List.class, (template, values) -> template.formatted(values.toArray())))
            .build();

    private static final Map<String, CelRuntime.Program> PROGRAMS = new ConcurrentHashMap<>();

    private final JsonNode schema;
    private final JsonSchema structure;

    private TestingApiServer(JsonNode schema) {
        this.schema = schema;
        this.structure =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
    }

    public static TestingApiServer with(Path crd) {
        try {
            JsonNode schema = Manifests.YAML.readTree(crd.toFile()).at("/spec/versions/0/schema/openAPIV3Schema");
            schema.findParents("format").forEach(TestingApiServer::bound);
            schema.findParents("pattern").forEach(TestingApiServer::asRe2);
            return new TestingApiServer(schema);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What would be stored: the manifest without nulls and with every default. */
    public JsonNode admit(JsonNode manifest) {
        JsonNode admitted = manifest.deepCopy();
        fillIn(schema, admitted);
        return admitted;
    }

    /** The refusals of a new manifest, none when it is accepted. */
    public List<String> create(JsonNode manifest) {
        return judge(admit(manifest), null);
    }

    /** The refusals of a changed manifest, none when it is accepted. */
    public List<String> update(JsonNode manifest, JsonNode old) {
        return judge(admit(manifest), admit(old));
    }

    private List<String> judge(JsonNode manifest, JsonNode old) {
        List<String> refusals = new ArrayList<>();
        structure.validate(manifest).forEach(refusal -> refusals.add(refusal.getMessage()));
        if (refusals.isEmpty()) {
            applyRules(schema, manifest, old, refusals);
        }
        return refusals;
    }

    private static void applyRules(JsonNode schema, JsonNode value, JsonNode old, List<String> refusals) {
        JsonNode rules = schema.path("x-kubernetes-validations");
        // Of a manifest with a dozen rules, reading its values for CEL is most of the work.
        Map<String, Object> variables = rules.isEmpty() ? Map.of() : variables(value, old);
        rules.forEach(rule -> {
            String condition = rule.path("rule").textValue();
            boolean aboutAChange = condition.contains("oldSelf");
            if ((!aboutAChange || old != null) && !Boolean.TRUE.equals(evaluate(condition, variables))) {
                refusals.add(
                        rule.has("messageExpression")
                                ? (String)
                                        evaluate(rule.path("messageExpression").textValue(), variables)
                                : rule.path("message").textValue());
            }
        });
        schema.path("properties").properties().forEach(property -> {
            JsonNode member = value.get(property.getKey());
            if (member != null) {
                JsonNode oldMember = old == null ? null : old.get(property.getKey());
                applyRules(property.getValue(), member, oldMember, refusals);
            }
        });
        if (value.isArray()) {
            // Items of a list without keys have no former value, as in an API server.
            value.forEach(item -> applyRules(schema.path("items"), item, null, refusals));
        }
    }

    private static Map<String, Object> variables(JsonNode self, JsonNode oldSelf) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("self", JSON.convertValue(self, Object.class));
        variables.put("oldSelf", JSON.convertValue(oldSelf, Object.class));
        return variables;
    }

    private static Object evaluate(String expression, Map<String, Object> variables) {
        try {
            return PROGRAMS.computeIfAbsent(expression, TestingApiServer::compile)
                    .eval(variables);
        } catch (CelEvaluationException e) {
            throw new IllegalStateException(expression, e);
        }
    }

    private static CelRuntime.Program compile(String expression) {
        try {
            return CEL.createProgram(CEL.compile(expression).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalStateException(expression, e);
        }
    }

    private static void fillIn(JsonNode schema, JsonNode value) {
        if (value instanceof ObjectNode object) {
            object.removeIf(JsonNode::isNull);
            schema.path("properties").properties().forEach(property -> {
                JsonNode fallback = property.getValue().get("default");
                if (fallback != null && !object.has(property.getKey())) {
                    object.set(property.getKey(), fallback.deepCopy());
                }
                fillIn(property.getValue(), object.path(property.getKey()));
            });
        }
        if (value.isArray()) {
            value.forEach(item -> fillIn(schema.path("items"), item));
        }
    }

    /** JSON Schema knows neither int32 nor int64. */
    private static void bound(JsonNode schema) {
        if (schema instanceof ObjectNode integer && schema.path("type").asText().equals("integer")) {
            boolean isInt = schema.path("format").asText().equals("int32");
            if (!integer.has("maximum")) {
                integer.put("maximum", isInt ? Integer.MAX_VALUE : Long.MAX_VALUE);
            }
            if (!integer.has("minimum")) {
                integer.put("minimum", isInt ? Integer.MIN_VALUE : Long.MIN_VALUE);
            }
        }
    }

    /** An API server reads a pattern as RE2: $ is the end of the text, and a vertical tab is no white space. */
    private static void asRe2(JsonNode schema) {
        if (schema instanceof ObjectNode text && schema.path("pattern").isTextual()) {
            String pattern = schema.path("pattern").textValue();
            text.put("pattern", pattern.replaceFirst("\\$$", "\\\\z").replace("\\S", "[^\\t\\n\\f\\r ]"));
        }
    }
}
