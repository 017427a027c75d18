package io.embeddingoperator.runner.plan;

import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiLimits;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.money.Prices;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What so many tokens would cost, and how long the account's limits let them take.
 *
 * @param prices empty where they are not known
 * @param batch US dollars in batches, where the server is known to have them and the price is known
 * @param atLeast the time that the limits of the manifest leave; empty where it tells none
 */
public record Quote(
        Optional<Prices> prices,
        Optional<BigDecimal> realtime,
        Optional<BigDecimal> batch,
        Optional<Duration> atLeast) {
    public static Quote of(OpenAiEmbedder spec, long chunks, long tokens) {
        Optional<Prices> prices = Prices.of(spec);
        return new Quote(
                prices,
                prices.map(known -> known.realtime().of(tokens)),
                prices.filter(_ -> spec.server().batchesInAuto() || spec.usesBatches())
                        .map(known -> known.batch().of(tokens)),
                atLeast(spec, chunks, tokens));
    }

    private static Optional<Duration> atLeast(OpenAiEmbedder spec, long chunks, long tokens) {
        ServerPreset preset = ServerPreset.of(spec);
        OpenAiLimits limits = spec.limits();
        long requests = Math.max(Math.ceilDiv(chunks, preset.maxTexts()), Math.ceilDiv(tokens, preset.maxTokens()));
        return Stream.of(minutes(tokens, limits.tokensPerMinute()), minutes(requests, limits.requestsPerMinute()))
                .flatMap(Optional::stream)
                .max(Duration::compareTo);
    }

    private static Optional<Duration> minutes(long amount, @Nullable Long perMinute) {
        return Optional.ofNullable(perMinute).map(limit -> Duration.ofSeconds(Math.ceilDiv(60 * amount, limit)));
    }
}
