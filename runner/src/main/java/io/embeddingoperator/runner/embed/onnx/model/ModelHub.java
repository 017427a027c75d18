package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/**
 * The Hugging Face hub, or a mirror of it.
 *
 * @param endpoint without a slash at its end
 * @param token for gated and private models
 */
record ModelHub(String endpoint, Optional<HubToken> token) {
    private static final String HUB = "https://huggingface.co";

    ModelHub {
        endpoint = endpoint.replaceFirst("/+$", "");
    }

    static ModelHub of(Map<String, String> environment) {
        return new ModelHub(
                value(environment, EnvironmentVariable.HUB_ENDPOINT)
                        .map(ModelHub::address)
                        .orElse(HUB),
                value(environment, EnvironmentVariable.HUB_TOKEN).map(HubToken::new));
    }

    private static Optional<String> value(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).map(String::strip).filter(value -> !value.isEmpty());
    }

    /** A host alone is meant to be asked over https. */
    private static String address(String value) {
        try {
            URI url = new URI(value.contains("://") ? value : "https://" + value);
            if (url.getHost() != null
                    && url.getScheme().matches("(?i)https?")
                    && url.getRawQuery() == null
                    && url.getRawUserInfo() == null) {
                return url.toString();
            }
        } catch (URISyntaxException e) {
            // The sentence below is the same for every value that is no address.
        }
        throw new SpecificationException(
                "the environment variable %s is no address of a hub: use the form https://host, or leave it out for %s"
                        .formatted(EnvironmentVariable.HUB_ENDPOINT, HUB));
    }

    /** A folder's name for it: what one mirror serves is not taken for what another one does. */
    String folder() {
        return endpoint.replaceFirst("^\\w+://", "").replaceAll("[^A-Za-z0-9.-]", "_");
    }
}
