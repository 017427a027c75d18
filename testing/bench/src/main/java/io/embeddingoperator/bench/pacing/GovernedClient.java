package io.embeddingoperator.bench.pacing;

import io.embeddingoperator.runner.embed.openai.pacing.Hints;
import io.embeddingoperator.runner.embed.openai.pacing.Pacer;
import io.embeddingoperator.runner.embed.openai.pacing.RateLimitHeaders;
import io.embeddingoperator.runner.embed.openai.pacing.Reply;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A runner: its requests are as large as its pacer likes and go when it says so. */
final class GovernedClient implements Client {
    private static final int MOST_IN_FLIGHT = 64;

    private final Timeline timeline;
    private final Account account;
    private final Packing packing;
    private final int process;
    private final Pacer pacer;

    private Packing.@Nullable Request next;
    private int inFlight;
    private long wakeUps;

    GovernedClient(Timeline timeline, Account account, Packing packing, int process, RandomGenerator random) {
        this(timeline, account, packing, process, random, Hints.NONE);
    }

    GovernedClient(
            Timeline timeline, Account account, Packing packing, int process, RandomGenerator random, Hints hints) {
        this.timeline = timeline;
        this.account = account;
        this.packing = packing;
        this.process = process;
        this.pacer = new Pacer(hints, random);
    }

    @Override
    public void start() {
        goOn();
    }

    private void goOn() {
        while (inFlight < MOST_IN_FLIGHT) {
            long now = timeline.now();
            if (next == null) {
                next = packing.next(pacer.preferredRequestTokens(now));
            }
            long wait = pacer.nanosUntil(now, next.tokens());
            if (wait > 0) {
                long wakeUp = ++wakeUps;
                timeline.in(wait, () -> {
                    if (wakeUp == wakeUps) {
                        goOn();
                    }
                });
                return;
            }
            send(next);
            next = null;
        }
    }

    private void send(Packing.Request request) {
        Pacer.Ticket ticket = pacer.send(timeline.now(), request.tokens());
        inFlight++;
        account.request(process, request.texts(), request.tokens(), answer -> {
            inFlight--;
            Optional<String> code = Optional.of(answer.code()).filter(text -> !text.isEmpty());
            RateLimitHeaders headers = RateLimitHeaders.read(answer.headers()::get, Instant.EPOCH);
            pacer.answered(timeline.now(), ticket, new Reply(answer.status(), headers, code));
            if (answer.status() != 200) {
                packing.putBack(request);
            }
            goOn();
        });
    }
}
