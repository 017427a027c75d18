package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * The certificates, in PEM, of the authorities that vouch for a server, in place of the public ones: exactly one member is set.
 *
 * @param configMapKeyRef the key of a ConfigMap that holds them
 * @param secretKeyRef the key of a Secret that holds them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "has(self.configMapKeyRef) != has(self.secretKeyRef)",
        message = "caBundle needs exactly one of configMapKeyRef, secretKeyRef")
public record CaBundle(
        @Nullable ConfigMapKeyReference configMapKeyRef,
        @Nullable SecretKeyReference secretKeyRef) {
    public CaBundle {
        Field.check(
                (configMapKeyRef == null) != (secretKeyRef == null),
                "caBundle needs exactly one of configMapKeyRef, secretKeyRef");
    }
}
