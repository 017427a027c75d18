package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Required;

/**
 * The certificate by which a client proves itself to a server that asks for one, and its key.
 *
 * @param secretRef the Secret, of type kubernetes.io/tls, that holds them as tls.crt and tls.key
 */
public record ClientCertificate(@Required SecretReference secretRef) {
    public ClientCertificate {
        Field.required(secretRef, "spec.embedder.openai.clientCertificate.secretRef", "name the Secret");
    }
}
