package io.embeddingoperator.e2e.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;

/** Rights as the chart gives them to the operator, and as the API server saw them used: {@code VERB GROUP/RESOURCE}. */
public final class OperatorRights {
    private static final ObjectMapper JSON = new ObjectMapper();

    private OperatorRights() {}

    /** What its ClusterRole allows. */
    public static Set<String> granted(TestingCluster cluster) {
        JsonNode role = read(cluster.kubectl().run("get", "clusterrole", "embedding-operator", "-o", "json"));
        Set<String> rights = new TreeSet<>();
        for (JsonNode rule : role.path("rules")) {
            for (JsonNode verb : rule.path("verbs")) {
                for (JsonNode resource : rule.path("resources")) {
                    rights.add(right(verb, rule.path("apiGroups").path(0), resource.asText()));
                }
            }
        }
        return rights;
    }

    /** What it asked for, of all that was ever allowed to it. */
    public static Set<String> used(TestingCluster cluster) {
        Set<String> rights = new TreeSet<>();
        try {
            for (String line : Files.readAllLines(cluster.controlPlane().auditLog())) {
                // The API server may be in the middle of its last line.
                JsonNode event = line.endsWith("}") ? read(line) : JSON.nullNode();
                JsonNode object = event.path("objectRef");
                String subresource = object.path("subresource").asText();
                if (event.path("annotations")
                                .path("authorization.k8s.io/decision")
                                .asText()
                                .equals("allow")
                        && object.has("resource")) {
                    String resource =
                            object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource);
                    rights.add(right(event.path("verb"), object.path("apiGroup"), resource));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rights;
    }

    private static String right(JsonNode verb, JsonNode group, String resource) {
        return verb.asText() + " " + group.asText() + "/" + resource;
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
