package io.embeddingoperator.runner.embed.openai;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the provider is away, as all requests see it together: an outage is logged once, and so is its end. */
final class ProviderOutage {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderOutage.class);

    /** Shorter trouble is no news. */
    private static final Duration WORTH_TELLING = Duration.ofSeconds(10);

    private final Duration patience;
    private final LongSupplier nanoTime;
    private final AtomicReference<Trouble> trouble = new AtomicReference<>();

    ProviderOutage(Duration patience, LongSupplier nanoTime) {
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    private record Trouble(long since, String sentence) {}

    void seen(OpenAiFailure failure) {
        Trouble first = new Trouble(nanoTime.getAsLong(), failure.sentence());
        if (trouble.compareAndSet(null, first)) {
            LOG.warn("{}; trying again for up to {} s", failure.sentence(), patience.toSeconds());
        }
    }

    /** The provider does its work, be it that it refuses a request. */
    void over() {
        Trouble last = trouble.getAndSet(null);
        if (last != null) {
            LOG.info("the provider answers again after {} s", since(last).toSeconds());
        }
    }

    /** Whether nothing but trouble came for longer than anybody should wait. */
    boolean isTooLong() {
        Trouble now = trouble.get();
        return now != null && since(now).compareTo(patience) > 0;
    }

    Optional<Progress.Waiting> waiting() {
        return Optional.ofNullable(trouble.get())
                .filter(now -> since(now).compareTo(WORTH_TELLING) > 0)
                .map(now -> new Progress.Waiting(
                        Progress.Waiting.Reason.ProviderUnavailable,
                        "for %d s, trying again: %s".formatted(since(now).toSeconds(), now.sentence()),
                        null));
    }

    private Duration since(Trouble start) {
        return Duration.ofNanos(nanoTime.getAsLong() - start.since());
    }
}
