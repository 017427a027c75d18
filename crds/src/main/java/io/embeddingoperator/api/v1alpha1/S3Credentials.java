package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * The Secret that holds accessKeyId and secretAccessKey, and sessionToken where they are temporary; without credentials the pod's own
 * identity is used.
 *
 * @param secretRef the Secret, for example {@code {name: s3}}
 */
public record S3Credentials(@Required SecretReference secretRef) {
    public S3Credentials {
        Field.required(secretRef, "spec.source.s3.credentials.secretRef", "name the Secret");
    }
}
