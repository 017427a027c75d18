package io.embeddingoperator.runner.money;

import java.math.BigDecimal;
import java.util.Objects;

/**
 * What tokens cost, exactly.
 *
 * @param usdPerMillionTokens US dollars
 */
public record Price(BigDecimal usdPerMillionTokens) {
    private static final int MILLION = 6;

    public Price {
        Objects.requireNonNull(usdPerMillionTokens, "usdPerMillionTokens");
        if (usdPerMillionTokens.signum() < 0) {
            throw new IllegalArgumentException("a price of %s: use 0 or more".formatted(usdPerMillionTokens));
        }
    }

    public static Price perMillionTokens(String usd) {
        return new Price(new BigDecimal(usd));
    }

    /** US dollars for so many tokens; nothing is rounded. */
    public BigDecimal of(long tokens) {
        return usdPerMillionTokens.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION);
    }

    /** The most tokens that so many US dollars pay for. */
    public long tokensFor(BigDecimal usd) {
        if (usd.signum() <= 0) {
            return 0;
        }
        if (usdPerMillionTokens.signum() == 0) {
            return Long.MAX_VALUE;
        }
        BigDecimal tokens = usd.movePointRight(MILLION).divideToIntegralValue(usdPerMillionTokens);
        return tokens.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValueExact();
    }
}
