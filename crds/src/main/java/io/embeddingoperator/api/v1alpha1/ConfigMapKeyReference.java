package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * One key of a ConfigMap in the namespace of the EmbeddingJob.
 *
 * @param name the name of the ConfigMap, for example {@code authorities}
 * @param key the key inside the ConfigMap whose value is meant, for example {@code ca.crt}
 */
public record ConfigMapKeyReference(
        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String name,

        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String key) {
    public ConfigMapKeyReference {
        Field.requiredText(name, "configMapKeyRef.name", "name the ConfigMap");
        Field.requiredText(key, "configMapKeyRef.key", "name the key inside the ConfigMap");
    }
}
