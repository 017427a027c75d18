package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * A value that is never written into a manifest, only pointed at.
 *
 * @param secretKeyRef the key of a Secret that holds the value
 */
public record SecretValue(@Required SecretKeyReference secretKeyRef) {
    public SecretValue {
        Field.required(secretKeyRef, "secretKeyRef", "name the Secret and the key that hold this value");
    }
}
