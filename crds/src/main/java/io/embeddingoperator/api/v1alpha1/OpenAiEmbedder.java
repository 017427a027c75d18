package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/**
 * OpenAI, or a server that speaks its API.
 *
 * @param dimensions of a vector
 * @param batchThreshold pending documents above which mode Auto uses the Batch API
 */
public record OpenAiEmbedder(
        @Required String model,
        @Required @Min(1) Integer dimensions,
        @Default("https://api.openai.com/v1") String baseUrl,
        @Required SecretValue apiKey,
        @Default("Auto") OpenAiMode mode,
        @Default("10000") @Min(0) Integer batchThreshold)
        implements Embedder {
    public OpenAiEmbedder {
        Field.requiredText(model, "spec.embedder.openai.model", "for example text-embedding-3-small");
        Field.required(dimensions, "spec.embedder.openai.dimensions", "give the length of a vector, for example 1536");
        Field.between(dimensions, 1, 16_000, "spec.embedder.openai.dimensions");
        baseUrl = Field.orElse(baseUrl, "https://api.openai.com/v1");
        Field.required(apiKey, "spec.embedder.openai.apiKey", "name the Secret key that holds the API key");
        mode = Field.orElse(mode, OpenAiMode.Auto);
        batchThreshold = Field.orElse(batchThreshold, 10_000);
    }
}
