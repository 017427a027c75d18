package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the headers of a reply tell about limits. Nothing in them is relied on: what is missing or makes no sense is left out.
 *
 * @param quotas of the dimensions that the reply names
 * @param retryAfter how long the server asks to be left alone, at least
 */
public record RateLimitHeaders(Map<Dimension, Quota> quotas, Optional<Duration> retryAfter) {
    public static final RateLimitHeaders NONE = new RateLimitHeaders(Map.of(), Optional.empty());

    public RateLimitHeaders {
        quotas = Map.copyOf(quotas);
    }

    /**
     * @param header a header's value by its lower-case name, or null
     * @param now the time of day, for a Retry-After that is a date
     */
    public static RateLimitHeaders read(UnaryOperator<String> header, Instant now) {
        Map<Dimension, Quota> quotas = new EnumMap<>(Dimension.class);
        for (Dimension dimension : Dimension.values()) {
            Quota quota = Quota.read(header, dimension.word());
            if (quota.limit().isPresent() || quota.remaining().isPresent()) {
                quotas.put(dimension, quota);
            }
        }
        return new RateLimitHeaders(quotas, RetryAfter.read(header, now));
    }

    /**
     * One limit of the account at the moment when the request was admitted.
     *
     * @param limit what a window allows, at least 1
     * @param remaining what is left, at least 0: Azure tells -1 where it does not know
     * @param reset until the bucket is full again
     */
    record Quota(OptionalLong limit, OptionalLong remaining, Optional<ResetTime> reset) {
        private static final Pattern NUMBER = Pattern.compile("(\\d{1,18})(\\.\\d{1,18})?");

        private static Quota read(UnaryOperator<String> header, String word) {
            return new Quota(
                    number(header.apply("x-ratelimit-limit-" + word), 1),
                    number(header.apply("x-ratelimit-remaining-" + word), 0),
                    ResetTime.parse(header.apply("x-ratelimit-reset-" + word)));
        }

        private static OptionalLong number(String text, long least) {
            Matcher matcher = text == null ? null : NUMBER.matcher(text.strip());
            if (matcher == null || !matcher.matches()) {
                return OptionalLong.empty();
            }
            long number = Long.parseLong(matcher.group(1));
            return number >= least ? OptionalLong.of(number) : OptionalLong.empty();
        }
    }
}
