package io.embeddingoperator.runner.money;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiPrice;
import io.embeddingoperator.api.v1alpha1.OpenAiServer;
import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.runner.testing.TestingOpenAi;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class PricesTest {
    @Test
    void knowsThePublishedPricesAndTheirDate() {
        Prices prices = Prices.of(embedder("text-embedding-3-large", OpenAiServer.OpenAI, null))
                .orElseThrow();

        assertThat(prices.realtime().usdPerMillionTokens()).isEqualByComparingTo("0.13");
        assertThat(prices.batch().usdPerMillionTokens()).isEqualByComparingTo("0.065");
        assertThat(prices.origin()).contains("2026-");
    }

    @Test
    void theManifestsPriceComesFirst() {
        Prices prices = Prices.of(
                        embedder("text-embedding-3-small", OpenAiServer.OpenAI, new OpenAiPrice("0.018", null)))
                .orElseThrow();

        assertThat(prices.realtime().usdPerMillionTokens()).isEqualByComparingTo("0.018");
        assertThat(prices.batch().usdPerMillionTokens()).isEqualByComparingTo("0.009");
    }

    @Test
    void doesNotGuessWhatAServerOfOnesOwnCosts() {
        assertThat(Prices.of(embedder("text-embedding-3-small", OpenAiServer.VLLM, null)))
                .isEmpty();
        assertThat(Prices.of(embedder("unheard-of", OpenAiServer.OpenAI, null))).isEmpty();
    }

    @Test
    void addsUpWithoutRounding() {
        Price price = Price.perMillionTokens("0.02");
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < 1_000_000; i++) {
            sum = sum.add(price.of(1));
        }

        assertThat(sum).isEqualByComparingTo("0.02");
    }

    @Test
    void neverPromisesMoreTokensThanTheMoneyPaysFor() {
        Price price = Price.perMillionTokens("0.13");
        BigDecimal money = new BigDecimal("0.01");

        long tokens = price.tokensFor(money);

        assertThat(price.of(tokens)).isLessThanOrEqualTo(money);
        assertThat(price.of(tokens + 1)).isGreaterThan(money);
        assertThat(Price.perMillionTokens("0").tokensFor(money)).isEqualTo(Long.MAX_VALUE);
    }

    private static OpenAiEmbedder embedder(String model, OpenAiServer server, OpenAiPrice price) {
        SecretValue key = new SecretValue(new SecretKeyReference("openai", "apiKey"));
        return TestingOpenAi.model(model, 8)
                .with("baseUrl", "http://localhost/v1")
                .with("server", server)
                .with("apiKey", key)
                .with("price", price)
                .embedder();
    }
}
