package io.embeddingoperator.api.v1alpha1;

import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/**
 * OpenAI, or a server that speaks its API.
 *
 * @param model the name of the model, for example {@code text-embedding-3-small}
 * @param dimensions the length of a vector
 * @param baseUrl the URL under which the API is served
 * @param apiKey the API key
 * @param mode how texts are submitted
 * @param batchThreshold pending documents above which mode Auto uses the Batch API
 */
public record OpenAiEmbedder(
        @Required @Pattern(Field.NOT_BLANK) String model,
        @Required @Min(1) @Max(16_000) Integer dimensions,

        @Default("https://api.openai.com/v1") @Pattern(Field.HTTP_URL)
        String baseUrl,

        @Required SecretValue apiKey,
        @Default("Auto") OpenAiMode mode,
        @Default("10000") @Min(0) Integer batchThreshold)
        implements Embedder {
    public OpenAiEmbedder {
        Field.requiredText(model, "spec.embedder.openai.model", "for example text-embedding-3-small");
        Field.required(dimensions, "spec.embedder.openai.dimensions", "give the length of a vector, for example 1536");
        Field.between(dimensions, 1, 16_000, "spec.embedder.openai.dimensions");
        baseUrl = Field.httpUrl(Field.orElse(baseUrl, "https://api.openai.com/v1"), "spec.embedder.openai.baseUrl");
        Field.required(apiKey, "spec.embedder.openai.apiKey", "name the Secret key that holds the API key");
        mode = Field.orElse(mode, OpenAiMode.Auto);
        batchThreshold = Field.between(
                Field.orElse(batchThreshold, 10_000), 0, Integer.MAX_VALUE, "spec.embedder.openai.batchThreshold");
    }
}
