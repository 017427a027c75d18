package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;

/** What is known of OpenAI's own models before anything is sent, and paid for. */
final class KnownModels {
    private KnownModels() {}

    /** @throws SpecificationException when the model never gives vectors of this length */
    static void check(OpenAiEmbedder spec) {
        if (!spec.server().hasOpenAiModels()) {
            return;
        }
        switch (spec.model()) {
            case "text-embedding-ada-002" -> checkExactly(spec, 1_536);
            case "text-embedding-3-small" -> checkAtMost(spec, 1_536);
            case "text-embedding-3-large" -> checkAtMost(spec, 3_072);
            default -> {}
        }
    }

    private static void checkExactly(OpenAiEmbedder spec, int dimensions) {
        if (spec.dimensions() != dimensions) {
            throw refused(spec, "always gives vectors of %d numbers: set it to that".formatted(dimensions));
        }
    }

    private static void checkAtMost(OpenAiEmbedder spec, int dimensions) {
        if (spec.dimensions() > dimensions) {
            throw refused(spec, "gives vectors of at most %d numbers: set it to that or less".formatted(dimensions));
        }
    }

    private static SpecificationException refused(OpenAiEmbedder spec, String why) {
        return new SpecificationException(
                "spec.embedder.openai.dimensions is %d, and %s, which spec.embedder.openai.model names, %s"
                        .formatted(spec.dimensions(), spec.model(), why));
    }
}
