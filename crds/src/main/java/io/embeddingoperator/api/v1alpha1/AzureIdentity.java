package io.embeddingoperator.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * An identity of Microsoft Entra ID that asks in place of a key. In a cluster it is the workload identity of the pods' ServiceAccount.
 *
 * @param clientId the client ID of the identity, for example {@code 11111111-2222-3333-4444-555555555555}; without it the one
 *     that the ServiceAccount is annotated with
 * @param tenantId the tenant of the identity, for example {@code contoso.onmicrosoft.com}; without it the one that the
 *     ServiceAccount is annotated with
 * @param scope what tokens are asked for, for example {@code https://cognitiveservices.azure.us/.default}: sovereign clouds have
 *     others than the public one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AzureIdentity(
        @Size(max = Limit.NAME) @Pattern(AzureIdentity.ID) @Nullable
        String clientId,

        @Size(max = Limit.NAME) @Pattern(AzureIdentity.ID) @Nullable
        String tenantId,

        @Default(AzureIdentity.PUBLIC_CLOUD) @Size(max = Limit.URL) @Pattern(OpenAiEmbedder.HEADER)
        String scope) {
    static final String PUBLIC_CLOUD = "https://cognitiveservices.azure.com/.default";

    /** A UUID, or the domain of a tenant. */
    static final String ID = "^[A-Za-z0-9][A-Za-z0-9.-]*$";

    public AzureIdentity {
        check(ID, clientId, "clientId", "use the client ID of the identity, a UUID");
        check(ID, tenantId, "tenantId", "use the ID of the tenant, a UUID, or its domain");
        scope = Field.orElse(scope, PUBLIC_CLOUD);
        check(OpenAiEmbedder.HEADER, scope, "scope", "for example " + PUBLIC_CLOUD);
    }

    private static void check(String form, @Nullable String value, String name, String advice) {
        Field.check(
                value == null || Field.matches(form, value),
                () -> "spec.embedder.openai.azureIdentity.%s is %s: %s".formatted(name, value, advice));
    }
}
