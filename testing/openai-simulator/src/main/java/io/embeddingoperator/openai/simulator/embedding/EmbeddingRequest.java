package io.embeddingoperator.openai.simulator.embedding;

import io.embeddingoperator.openai.simulator.account.Model;
import java.util.List;

/**
 * A request that keeps to the rules.
 *
 * @param model that embeds
 * @param answeredModel what the reply calls it
 * @param dimensions of the vectors
 * @param base64 whether vectors are wanted as little-endian floats in base64
 */
public record EmbeddingRequest(
        Model model, String answeredModel, List<EmbeddingInput> inputs, int dimensions, boolean base64) {
    public EmbeddingRequest {
        inputs = List.copyOf(inputs);
    }

    public long tokens() {
        return inputs.stream().mapToLong(EmbeddingInput::tokens).sum();
    }

    public long hash(EmbeddingInput input) {
        return TextHash.of(model.name(), input.text());
    }
}
