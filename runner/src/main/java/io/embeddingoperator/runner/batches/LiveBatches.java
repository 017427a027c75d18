package io.embeddingoperator.runner.batches;

import io.embeddingoperator.runner.embed.openai.http.OpenAiException;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailure;
import io.embeddingoperator.runner.embed.openai.http.OpenAiFailures;
import io.embeddingoperator.runner.failure.BudgetExhaustedException;
import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.sink.batch.BatchRecord;
import io.embeddingoperator.runner.sink.batch.BatchState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The batches of a shard that are not over, each with the time at which it is looked at again. One thread works on them. */
final class LiveBatches {
    private static final Logger LOG = LoggerFactory.getLogger(LiveBatches.class);

    /**
     * A request that is wrong in itself may be so by accident, but not again and again: also not with steps between that
     * succeed, such as an upload before each creation.
     */
    private static final int MOST_REFUSALS = 3;

    private final BatchSteps steps;
    private final BatchTiming timing;
    private final InstantSource clock;
    private final List<Live> batches = new ArrayList<>();

    LiveBatches(BatchSteps steps, BatchTiming timing, InstantSource clock) {
        this.steps = steps;
        this.timing = timing;
        this.clock = clock;
    }

    private static final class Live {
        private BatchRecord batch;
        private final Backoff backoff;
        private Instant due;
        private int refusals;
        private Optional<Trouble> trouble = Optional.empty();

        private Live(BatchRecord batch, Backoff backoff, Instant due) {
            this.batch = batch;
            this.backoff = backoff;
            this.due = due;
        }
    }

    /** What goes wrong at every try. */
    private record Trouble(String sentence, Instant since) {}

    void add(BatchRecord batch) {
        batches.add(new Live(batch, new Backoff(timing.poll(), timing.longestPoll()), clock.instant()));
    }

    /** Changes all of them, for example to be cancelled. */
    void replaceAll(UnaryOperator<BatchRecord> change) {
        batches.forEach(live -> live.batch = change.apply(live.batch));
    }

    /**
     * One step for each batch that is due.
     *
     * @return whether any of them got on
     * @throws BudgetExhaustedException when a batch may not be paid for; it is not tried again before {@link #retryUnpaid}
     */
    boolean pass(BooleanSupplier stopping) throws InterruptedException {
        boolean moved = false;
        BudgetExhaustedException exhausted = null;
        for (Live live : List.copyOf(batches)) {
            if (stopping.getAsBoolean()) {
                return moved;
            }
            if (clock.instant().isBefore(live.due)) {
                continue;
            }
            try {
                moved |= step(live);
            } catch (BudgetExhaustedException e) {
                live.due = Instant.MAX;
                exhausted = e;
            }
        }
        if (exhausted != null) {
            throw exhausted;
        }
        return moved;
    }

    private boolean step(Live live) throws InterruptedException {
        BatchRecord before = live.batch;
        try {
            live.batch = steps.next(before);
        } catch (OpenAiException e) {
            live.batch = steps.reread(before);
            troubled(live, e);
            return false;
        }
        live.trouble = Optional.empty();
        if (live.batch.state() == before.state()) {
            live.due = clock.instant().plus(live.backoff.pause());
            return false;
        }
        if (live.batch.state() == BatchState.Submitted || live.batch.state() == BatchState.Imported) {
            live.refusals = 0;
        }
        live.backoff.reset();
        live.due = live.batch.state() == BatchState.Submitted
                ? clock.instant().plus(live.backoff.pause())
                : clock.instant();
        if (live.batch.state().over()) {
            batches.remove(live);
        }
        return true;
    }

    private void troubled(Live live, OpenAiException e) {
        if (live.trouble.isEmpty()) {
            LOG.warn("batch {} ({}): {}; it is tried again", live.batch.id(), live.batch.state(), e.getMessage());
        }
        Instant since = live.trouble.map(Trouble::since).orElseGet(clock::instant);
        live.trouble = Optional.of(new Trouble(e.getMessage(), since));
        Duration least = switch (e.failure()) {
            case OpenAiFailure.Throttled throttled -> throttled.retryAfter().orElse(Duration.ZERO);
            case OpenAiFailure.ServerTrouble server -> server.retryAfter().orElse(Duration.ZERO);
            case OpenAiFailure.NetworkTrouble _, OpenAiFailure.Billing _, OpenAiFailure.Unauthorized _ -> {
                if (!mayPass(e.failure())) {
                    OpenAiFailures.fatal(e.failure()).ifPresent(stop -> {
                        throw stop;
                    });
                }
                yield Duration.ZERO;
            }
            case OpenAiFailure.NotFound _, OpenAiFailure.Refused _ -> {
                if (++live.refusals >= MOST_REFUSALS) {
                    throw refused(live.batch, e);
                }
                yield Duration.ZERO;
            }
        };
        Duration pause = live.backoff.pause();
        live.due = clock.instant().plus(pause.compareTo(least) > 0 ? pause : least);
    }

    /**
     * Once the provider has taken something of ours: another server may answer in its place for a while, with another certificate or
     * a gateway's page, and what is paid for waits there.
     */
    private boolean mayPass(OpenAiFailure failure) {
        boolean hasWorked = batches.stream()
                .anyMatch(live -> live.batch.atProvider().inputFileId().isPresent());
        return hasWorked
                && switch (failure) {
                    case OpenAiFailure.NetworkTrouble _ -> true;
                    case OpenAiFailure.Unauthorized refusal -> OpenAiFailures.mayBeOfGateway(refusal);
                    case OpenAiFailure _ -> false;
                };
    }

    private static RunnerException refused(BatchRecord batch, OpenAiException e) {
        if (!ShardSituation.isInside(batch) || !(e.failure() instanceof OpenAiFailure.NotFound missing)) {
            return new UnavailableException(e.getMessage(), e);
        }
        return new SpecificationException(
                missing.error().is("model_not_found")
                        ? BatchOutcome.withoutBatches(e.getMessage())
                        : ServedBatches.without(e.getMessage()));
    }

    /** Some money may be free again: batches that could not be paid for are tried once more. */
    void retryUnpaid() {
        batches.stream()
                .filter(live -> live.batch.state() == BatchState.Packed)
                .forEach(live -> live.due = clock.instant());
    }

    boolean isEmpty() {
        return batches.isEmpty();
    }

    List<BatchRecord> records() {
        return batches.stream().map(live -> live.batch).toList();
    }

    /** When the next one is due; far away where there is none. */
    Instant nextDue() {
        return batches.stream().map(live -> live.due).min(Instant::compareTo).orElse(Instant.MAX);
    }

    /** What goes wrong with one of them since so long. */
    Optional<String> trouble(Duration atLeast) {
        Instant now = clock.instant();
        return batches.stream()
                .flatMap(live -> live.trouble.stream())
                .filter(trouble -> !now.isBefore(trouble.since().plus(atLeast)))
                .map(Trouble::sentence)
                .findFirst();
    }
}
