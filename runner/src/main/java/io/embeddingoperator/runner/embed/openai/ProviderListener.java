package io.embeddingoperator.runner.embed.openai;

import java.math.BigDecimal;

/** Hears what passes between a runner and its provider, from several threads. */
public interface ProviderListener {
    ProviderListener NONE = new ProviderListener() {
        @Override
        public void sent() {}

        @Override
        public void answered(String status) {}

        @Override
        public void billed(long tokens, BigDecimal usd, boolean told) {}

        @Override
        public void triedAgain() {}
    };

    /** A request is on its way; {@link #answered} follows. */
    void sent();

    /** @param status of HTTP, or {@code none} where no whole reply came */
    void answered(String status);

    /**
     * What a request cost, or may have cost where its reply was lost.
     *
     * @param usd 0 where no price is known
     * @param told whether the provider told the tokens; otherwise they were counted here
     */
    void billed(long tokens, BigDecimal usd, boolean told);

    /** A request failed and is sent again. */
    void triedAgain();
}
