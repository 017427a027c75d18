package io.embeddingoperator.operator.desired;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The manifest of a run as its pods read it. */
public final class RunnerConfigMap {
    /** The key, and the name of the file in a pod. */
    public static final String KEY = "embeddingjob.yaml";

    private static final String CHANGED = ApiVersion.GROUP + "/changed";

    /** Every text in quotes, none of them folded: no reader of YAML may take one for a number or a date. */
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private RunnerConfigMap() {}

    /** The ConfigMap of the manifest's run, owned by the EmbeddingJob. */
    public static ConfigMap desired(EmbeddingJob manifest) {
        return new ConfigMapBuilder()
                .withMetadata(Ownership.metadata(manifest, RunNames.of(manifest).configMap()))
                .withData(data(manifest))
                .build();
    }

    /** Other data in the place of the former: the time of the change tells which pods may have read the former. */
    public static ConfigMap changed(EmbeddingJob manifest, Instant at) {
        return new ConfigMapBuilder(desired(manifest))
                .editMetadata()
                .addToAnnotations(CHANGED, at.toString())
                .endMetadata()
                .build();
    }

    /** When its data was last changed; empty when it is as it was created, or nobody can read the time. */
    public static Optional<Instant> changed(ConfigMap configMap) {
        try {
            return Optional.ofNullable(configMap.getMetadata().getAnnotations())
                    .map(annotations -> annotations.get(CHANGED))
                    .map(Instant::parse);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /** Whether pods that start now read what the manifest says. */
    public static boolean isCurrent(ConfigMap configMap, EmbeddingJob manifest) {
        return data(manifest).equals(configMap.getData());
    }

    private static Map<String, String> data(EmbeddingJob manifest) {
        return Map.of(KEY, yaml(manifest));
    }

    private static String yaml(EmbeddingJob manifest) {
        ObjectNode document = YAML.createObjectNode();
        document.put("apiVersion", manifest.getApiVersion());
        document.put("kind", manifest.getKind());
        document.putObject("metadata")
                .put("name", manifest.getMetadata().getName())
                .put("namespace", manifest.getMetadata().getNamespace())
                .put("uid", manifest.getMetadata().getUid());
        // The template is about the pod, of no use inside of it, and its variables may hold what not everybody should
        // read.
        ObjectNode spec = YAML.<ObjectNode>valueToTree(manifest.getSpec()).without("template");
        document.set("spec", spec);
        try {
            return YAML.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always YAML", e);
        }
    }
}
