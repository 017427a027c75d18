package io.embeddingoperator.openai.simulator.account;

import java.math.BigDecimal;
import java.util.List;

/**
 * An embedding model.
 *
 * @param dimensions of its full vectors
 * @param shortens whether a request may ask for fewer dimensions
 * @param maxInputTokens the most tokens of one input
 * @param realtimePrice US dollars for a million tokens
 * @param batchPrice US dollars for a million tokens
 */
public record Model(
        String name,
        int dimensions,
        boolean shortens,
        int maxInputTokens,
        BigDecimal realtimePrice,
        BigDecimal batchPrice) {
    private static final int MAX_INPUT_TOKENS = 8192;
    private static final int MILLION_ZEROS = 6;

    /** OpenAI's, with the prices of 2026. */
    public static final List<Model> OPENAI = List.of(
            new Model("text-embedding-3-small", 1536, true, MAX_INPUT_TOKENS, usd("0.02"), usd("0.01")),
            new Model("text-embedding-3-large", 3072, true, MAX_INPUT_TOKENS, usd("0.13"), usd("0.065")),
            new Model("text-embedding-ada-002", 1536, false, MAX_INPUT_TOKENS, usd("0.10"), usd("0.05")));

    private static BigDecimal usd(String text) {
        return new BigDecimal(text);
    }

    public BigDecimal realtimeCost(long tokens) {
        return cost(realtimePrice, tokens);
    }

    public BigDecimal batchCost(long tokens) {
        return cost(batchPrice, tokens);
    }

    private static BigDecimal cost(BigDecimal price, long tokens) {
        return price.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION_ZEROS);
    }
}
