package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * One key of a Secret in the namespace of the EmbeddingJob.
 *
 * @param name the name of the Secret, for example {@code vectors}
 * @param key the key inside the Secret whose value is meant, for example {@code uri}
 */
public record SecretKeyReference(
        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String name,

        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String key) {
    public SecretKeyReference {
        Field.requiredText(name, "secretKeyRef.name", "name the Secret");
        Field.requiredText(key, "secretKeyRef.key", "name the key inside the Secret");
    }
}
