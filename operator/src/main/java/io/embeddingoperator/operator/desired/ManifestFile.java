package io.embeddingoperator.operator.desired;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/** A manifest as the runner in a pod reads it. */
final class ManifestFile {
    /** Every text in quotes, none of them folded: no reader of YAML may take one for a number or a date. */
    private static final ObjectMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private ManifestFile() {}

    /** @param leftOut fields of the spec that the runner has no use for */
    static String of(HasMetadata manifest, Record spec, List<String> leftOut) {
        ObjectNode document = YAML.createObjectNode();
        document.put("apiVersion", manifest.getApiVersion());
        document.put("kind", manifest.getKind());
        document.putObject("metadata")
                .put("name", manifest.getMetadata().getName())
                .put("namespace", manifest.getMetadata().getNamespace())
                .put("uid", manifest.getMetadata().getUid());
        document.set("spec", YAML.<ObjectNode>valueToTree(spec).without(leftOut));
        try {
            return YAML.writeValueAsString(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always YAML", e);
        }
    }
}
