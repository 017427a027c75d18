package io.embeddingoperator.runner.embed.openai.pacing;

import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when a request may be sent. Many processes share one account without talking to each other: each learns from the headers
 * of its own replies what is left of the account's limits, and keeps with all others to one law (see {@link Share}).
 *
 * <p>Does nothing by itself and knows no clock: every call tells the time, in nanoseconds of any origin that never go
 * backwards. Not safe for concurrent use; {@link Governor} is.
 */
public final class Pacer {
    /** Something may change in between: a thread that waits asks again. */
    private static final long LONGEST_WAIT_NANOS = 200_000_000;
    /** A longer wait is worth telling. */
    private static final double LONG_PAUSE = 10;

    /** What is left of a share after a refusal. */
    private static final double AFTER_REFUSAL = 0.7;
    /** Of a wait, so that not all come back at the same moment. */
    private static final double JITTER = 0.1;

    private static final double LEAST_JITTER = 0.5;
    private static final double FIRST_BACKOFF = 1;
    private static final double LONGEST_BACKOFF = 60;

    /** Of a first request, while nothing is known. */
    private static final long FIRST_REQUEST_TOKENS = 1_024;
    /** Some replies tell no limits; a server that told none in so many has none to tell. */
    private static final int REPLIES_TO_LEARN_FROM = 8;
    /** Many small requests follow the shares closer than few large ones. */
    private static final double REQUEST_SECONDS = 0.5;
    /** How much larger than the limits' proportion requests are, so that the limit of requests is not the tighter one. */
    private static final double REQUEST_MARGIN = 1.6;
    /** Of the limit: a larger request would have to wait until all others have stopped. */
    private static final double LARGEST_REQUEST = 0.25;

    private static final double SECONDS_PER_MINUTE = 60;

    private final RandomGenerator random;
    private final Map<Dimension, Meter> meters = new EnumMap<>(Dimension.class);
    private final ConcurrencyWindow window = new ConcurrencyWindow();
    private final Ramp ramp = new Ramp();

    private long startNanos;
    private boolean started;
    private int inFlight;
    private int replies;

    private double waitingSince = Double.POSITIVE_INFINITY;
    private long waitingTokens;
    private double pausedUntil = Double.NEGATIVE_INFINITY;
    private double refusedAt = Double.NEGATIVE_INFINITY;
    private double firstRefusedAt = Double.NEGATIVE_INFINITY;
    private int refusalsInARow;
    private boolean probing;
    private @Nullable Ticket probe;
    private String pauseSentence = "";

    public Pacer(Hints hints, RandomGenerator random) {
        this.random = random;
        hints.byDimension().forEach((dimension, perMinute) -> {
            if (perMinute.isPresent()) {
                meters.put(dimension, new Meter(dimension, perMinute.getAsLong(), Window.MINUTE, 0));
            }
        });
    }

    /** A request in flight; it is handed back with its reply. */
    public static final class Ticket {
        private final double at;
        private final long tokens;
        private final Map<Dimension, Double> own = new EnumMap<>(Dimension.class);

        private Ticket(double at, long tokens) {
            this.at = at;
            this.tokens = tokens;
        }

        /** What this process had sent with this request; what it sent before it knew the limit is in what is left. */
        private double own(Dimension dimension) {
            return own.getOrDefault(dimension, 0.0);
        }
    }

    /** Nanoseconds after which it is worth to ask again; 0 where a request of so many tokens may be sent now. */
    public long nanosUntil(long nanoTime, long tokens) {
        double now = advance(nanoTime);
        waitingSince = Math.min(waitingSince, now);
        waitingTokens = tokens;
        double wait = pausedUntil - now;
        if (wait <= 0 && (blockedByProbe() || (meters.isEmpty() && !window.allows(inFlight)))) {
            return LONGEST_WAIT_NANOS;
        }
        wait = Math.max(wait, ramp.wait(now, tokens));
        for (Meter meter : meters.values()) {
            wait = Math.max(wait, meter.wait(now, tokens));
        }
        return wait <= 0 ? 0 : Math.clamp((long) (wait * 1e9) + 1, 1, LONGEST_WAIT_NANOS);
    }

    /** A request is sent; only when {@link #nanosUntil} said 0. */
    public Ticket send(long nanoTime, long tokens) {
        double now = advance(nanoTime);
        waitingSince = Double.POSITIVE_INFINITY;
        Ticket ticket = new Ticket(now, tokens);
        meters.forEach((dimension, meter) -> {
            meter.sent(tokens);
            ticket.own.put(dimension, meter.level().own());
        });
        ramp.sent(now, tokens);
        inFlight++;
        if (probing) {
            probe = ticket;
        }
        return ticket;
    }

    public void answered(long nanoTime, Ticket ticket, Reply reply) {
        double now = advance(nanoTime);
        inFlight--;
        replies++;
        reply.headers().quotas().forEach((dimension, quota) -> learn(now, ticket, dimension, quota));
        meters.forEach((dimension, meter) -> meter.untold(ticket.at, ticket.own(dimension), !reply.asksToWait()));
        if (reply.asksToWait()) {
            refused(now, ticket, reply);
        } else if (reply.success()) {
            refusalsInARow = 0;
            window.grow();
        }
        endProbe(ticket, !reply.asksToWait());
    }

    /** No reply came, or none that can be read. The server may have counted the request. */
    public void lost(long nanoTime, Ticket ticket) {
        advance(nanoTime);
        inFlight--;
        endProbe(ticket, false);
    }

    /**
     * How large a request should be now, in tokens: some of it may be missing, and a text that is larger goes alone.
     *
     * @return {@link Long#MAX_VALUE} where nothing speaks against the largest request that the server takes
     */
    public long preferredRequestTokens(long nanoTime) {
        double now = advance(nanoTime);
        double preferred = Double.POSITIVE_INFINITY;
        double largest = Double.POSITIVE_INFINITY;
        for (Map.Entry<Dimension, Meter> entry : meters.entrySet()) {
            if (entry.getKey() != Dimension.REQUESTS) {
                Meter meter = entry.getValue();
                preferred = Math.min(preferred, Math.max(REQUEST_SECONDS * rate(now, meter), proportion(meter)));
                largest = Math.min(largest, LARGEST_REQUEST * meter.level().limit());
            }
        }
        if (preferred == Double.POSITIVE_INFINITY) {
            return replies < REPLIES_TO_LEARN_FROM ? FIRST_REQUEST_TOKENS : Long.MAX_VALUE;
        }
        return Math.max(1, (long) Math.min(preferred, largest));
    }

    /** More than so many tokens can never be sent in one request. */
    public long mostRequestTokens() {
        return meters.entrySet().stream()
                .filter(entry -> entry.getKey() != Dimension.REQUESTS)
                .mapToLong(entry -> (long) entry.getValue().level().limit())
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Empty while waits are short. */
    public Optional<Pause> pause(long nanoTime) {
        double now = advance(nanoTime);
        // Pauses one after the other are one wait, and tell their reason to the last second.
        if (pausedUntil > now && pausedUntil - firstRefusedAt > LONG_PAUSE) {
            return Optional.of(new Pause(pauseSentence, duration(pausedUntil - now)));
        }
        boolean waits = now - waitingSince > LONG_PAUSE;
        return meters.values().stream()
                .filter(meter -> meter.unusualWait(now) > LONG_PAUSE
                        || waits && (meter.isToldUsedUp() || meter.wait(now, waitingTokens) > 0))
                .max(Comparator.comparingDouble(meter -> left(meter, now)))
                .map(meter -> new Pause(meter.sentence(now), duration(left(meter, now))));
    }

    private double left(Meter meter, double now) {
        return Math.max(meter.unusualWait(now), meter.wait(now, Math.max(1, waitingTokens)));
    }

    private double advance(long nanoTime) {
        if (!started) {
            started = true;
            startNanos = nanoTime;
        }
        double now = (nanoTime - startNanos) / 1e9;
        meters.values().forEach(meter -> meter.advance(now, now < pausedUntil));
        return now;
    }

    private double rate(double now, Meter tokens) {
        return Math.min(tokens.rate(), ramp.perMinute(now) / SECONDS_PER_MINUTE);
    }

    /** Tokens of a request that uses both limits alike, and some more. */
    private double proportion(Meter tokens) {
        Meter requests = meters.get(Dimension.REQUESTS);
        return requests == null
                ? 0
                : REQUEST_MARGIN * tokens.level().refill() / requests.level().refill();
    }

    private void learn(double now, Ticket ticket, Dimension dimension, RateLimitHeaders.Quota quota) {
        Meter meter = meters.get(dimension);
        OptionalLong limit = quota.limit();
        if (meter == null && limit.isEmpty()) {
            return;
        }
        Optional<Duration> told = limit.isPresent() && quota.remaining().isPresent()
                ? quota.reset()
                        .flatMap(reset ->
                                Window.of(limit.getAsLong(), quota.remaining().getAsLong(), reset))
                : Optional.empty();
        if (meter == null) {
            meter = new Meter(dimension, limit.getAsLong(), told.orElse(Window.MINUTE), now);
            meters.put(dimension, meter);
            meter.owe(ticket.tokens);
        } else if (limit.isPresent() && ticket.at >= meter.level().seenAt()) {
            meter.change(limit.getAsLong(), told.orElse(meter.level().window()));
        }
        if (wholeSeconds(quota)) {
            meter.enforcedShortly();
        }
        if (quota.remaining().isPresent()) {
            meter.seen(
                    ticket.at,
                    ticket.tokens,
                    ticket.own(dimension),
                    quota.remaining().getAsLong());
        }
    }

    /** Only Azure tells times so. */
    private static boolean wholeSeconds(RateLimitHeaders.Quota quota) {
        return quota.reset()
                .filter(reset -> reset.precision().equals(Duration.ofSeconds(1)))
                .isPresent();
    }

    private void refused(double now, Ticket ticket, Reply reply) {
        // Requests that were in flight together are refused together: that is one refusal.
        boolean another = ticket.at > refusedAt;
        if (another) {
            refusedAt = now;
            firstRefusedAt = refusalsInARow == 0 ? now : firstRefusedAt;
            refusalsInARow++;
            window.halve();
            meters.values().forEach(meter -> meter.reduceTo(AFTER_REFUSAL));
            if (reply.isRefusal() && !reply.asksToSlowDown() && unexplained(ticket, reply)) {
                meters.values().forEach(Meter::refusedWithoutReason);
            }
        }
        if (reply.asksToSlowDown()) {
            ramp.met(now, ticket.at, ticket.tokens);
        }
        double wait = reply.headers()
                .retryAfter()
                .map(asked -> asked.toNanos() / 1e9)
                .orElseGet(() -> Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * Math.pow(2, refusalsInARow - 1.0)));
        double until = now + wait + random.nextDouble() * Math.max(LEAST_JITTER, JITTER * wait);
        if (until > pausedUntil) {
            pausedUntil = until;
            pauseSentence = "the server answers with status %d%s and asks for a pause of %,.0f s"
                    .formatted(
                            reply.status(),
                            reply.errorCode().map(code -> " (" + code + ")").orElse(""),
                            Math.ceil(wait));
        }
        probing = true;
    }

    /** Whether the reply tells what is left, and all of it would have been enough. */
    private static boolean unexplained(Ticket ticket, Reply reply) {
        Map<Dimension, RateLimitHeaders.Quota> quotas = reply.headers().quotas();
        return quotas.values().stream().anyMatch(quota -> quota.remaining().isPresent())
                && quotas.entrySet().stream()
                        .allMatch(entry -> entry.getValue().remaining().orElse(Long.MAX_VALUE)
                                >= entry.getKey().cost(ticket.tokens));
    }

    private boolean blockedByProbe() {
        return probing && probe != null;
    }

    private void endProbe(Ticket ticket, boolean good) {
        if (ticket == probe) {
            probe = null;
            probing = !good;
        }
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
