package io.embeddingoperator.runner.money;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import java.util.Objects;
import java.util.Optional;

/**
 * What a model costs.
 *
 * @param realtime of requests that are answered at once
 * @param batch of the Batch API
 * @param origin where the prices come from, for a person
 */
public record Prices(Price realtime, Price batch, String origin) {
    public Prices {
        Objects.requireNonNull(realtime, "realtime");
        Objects.requireNonNull(batch, "batch");
        Objects.requireNonNull(origin, "origin");
    }

    /** The manifest's prices, or else those of the table; empty where neither knows what the model costs. */
    public static Optional<Prices> of(OpenAiEmbedder spec) {
        if (spec.price() != null) {
            return Optional.of(new Prices(
                    new Price(spec.price().realtime()), new Price(spec.price().batch()), "spec.embedder.openai.price"));
        }
        return spec.server().hasOpenAiModels() ? PriceTable.published().of(spec.model()) : Optional.empty();
    }
}
