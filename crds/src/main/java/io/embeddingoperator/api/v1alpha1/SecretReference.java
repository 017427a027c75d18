package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * A whole Secret in the namespace of the EmbeddingJob.
 *
 * @param name the name of the Secret, for example {@code runner-tls}
 */
public record SecretReference(
        @Required @Size(max = Limit.NAME) @Pattern(Field.NOT_BLANK)
        String name) {
    public SecretReference {
        Field.requiredText(name, "secretRef.name", "name the Secret");
    }
}
