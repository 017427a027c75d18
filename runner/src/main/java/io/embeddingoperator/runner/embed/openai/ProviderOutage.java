package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the provider is away, as all requests see it together: an outage is logged once, and so is its end. Safe for concurrent
 * use.
 */
final class ProviderOutage {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderOutage.class);

    /** Shorter trouble is no news. */
    private static final Duration WORTH_TELLING = Duration.ofSeconds(10);

    /** Trouble that is over at once and comes again, as where a server ends its connections after some requests, is told so often. */
    private static final Duration BETWEEN_TELLINGS = Duration.ofMinutes(1);

    private final Duration patience;
    private final LongSupplier nanoTime;
    private Optional<Trouble> trouble = Optional.empty();
    private boolean told;
    private OptionalLong lastTold = OptionalLong.empty();

    ProviderOutage(Duration patience, LongSupplier nanoTime) {
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    private record Trouble(long since, String sentence) {}

    /** @return whether it was told */
    synchronized boolean seen(OpenAiFailure failure) {
        long now = nanoTime.getAsLong();
        Trouble first = trouble.orElseGet(() -> new Trouble(now, failure.sentence()));
        trouble = Optional.of(first);
        boolean due = lastTold.isEmpty() || now - lastTold.getAsLong() >= BETWEEN_TELLINGS.toNanos();
        boolean news = !told && (due || since(first).compareTo(WORTH_TELLING) > 0);
        if (news) {
            told = true;
            lastTold = OptionalLong.of(now);
            LOG.warn("{}; trying again for up to {} s", first.sentence(), patience.toSeconds());
        }
        return news;
    }

    /** The provider does its work, be it that it refuses a request. */
    synchronized void over() {
        if (told) {
            trouble.ifPresent(last -> LOG.info(
                    "the provider answers again after {} s", since(last).toSeconds()));
        }
        trouble = Optional.empty();
        told = false;
    }

    /** Whether nothing but trouble came for longer than anybody should wait. */
    synchronized boolean isTooLong() {
        return trouble.filter(now -> since(now).compareTo(patience) > 0).isPresent();
    }

    synchronized Optional<Progress.Waiting> waiting() {
        return trouble.filter(now -> since(now).compareTo(WORTH_TELLING) > 0)
                .map(now -> new Progress.Waiting(
                        Progress.Waiting.Reason.ProviderUnavailable,
                        "for %d s, trying again: %s".formatted(since(now).toSeconds(), now.sentence()),
                        null));
    }

    private Duration since(Trouble start) {
        return Duration.ofNanos(nanoTime.getAsLong() - start.since());
    }
}
