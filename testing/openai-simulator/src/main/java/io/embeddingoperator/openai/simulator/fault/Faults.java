package io.embeddingoperator.openai.simulator.fault;

import io.embeddingoperator.openai.simulator.fault.Hold.Moment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What shall go wrong and when: on certain requests to an endpoint, counted from the moment of scheduling, or with a probability
 * that a seed makes repeatable.
 */
public final class Faults {
    private final List<Scheduled> schedule = new ArrayList<>();
    private final List<Holding> holds = new ArrayList<>();
    private final List<Fired> fired = new ArrayList<>();

    /** A fault that has happened. */
    public record Fired(String request, Endpoint endpoint, Fault fault) {}

    private record Scheduled(Turns turns, Fault fault) {}

    private record Holding(Turns turns, Moment moment, Hold hold) {}

    /** Which requests to an endpoint are meant. */
    private static final class Turns {
        private final Endpoint endpoint;
        private final long from;
        private final long to;
        private final double probability;
        private final SplittableRandom random;
        private long seen;

        Turns(Endpoint endpoint, long from, long to, double probability, long seed) {
            this.endpoint = endpoint;
            this.from = from;
            this.to = to;
            this.probability = probability;
            this.random = new SplittableRandom(seed);
        }

        boolean fires() {
            seen++;
            return seen >= from && seen <= to && (probability >= 1 || random.nextDouble() < probability);
        }

        boolean over() {
            return seen >= to;
        }
    }

    /** On the next request. */
    public void onNext(Endpoint endpoint, Fault fault) {
        onRequests(endpoint, 1, 1, fault);
    }

    /** On the n-th request from now on, the first being 1. */
    public void onRequest(Endpoint endpoint, long nth, Fault fault) {
        onRequests(endpoint, nth, nth, fault);
    }

    /** On the requests from one to another, both included: a burst. */
    public void onRequests(Endpoint endpoint, long from, long to, Fault fault) {
        if (from < 1 || to < from) {
            throw new IllegalArgumentException("requests are counted from 1 on: " + from + " to " + to);
        }
        add(new Scheduled(new Turns(endpoint, from, to, 1, 0), checked(endpoint, fault)));
    }

    /** On every request from now on. */
    public void always(Endpoint endpoint, Fault fault) {
        onRequests(endpoint, 1, Long.MAX_VALUE, fault);
    }

    /** On some requests from now on; the same seed chooses the same ones. */
    public void withProbability(Endpoint endpoint, double probability, long seed, Fault fault) {
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability lies above 0 and is at most 1, not " + probability);
        }
        add(new Scheduled(new Turns(endpoint, 1, Long.MAX_VALUE, probability, seed), checked(endpoint, fault)));
    }

    /** Holds the n-th request from now on until it is released. */
    public synchronized Hold hold(Endpoint endpoint, long nth, Moment moment) {
        Hold hold = new Hold();
        holds.add(new Holding(new Turns(endpoint, nth, nth, 1, 0), moment, hold));
        return hold;
    }

    /** Nothing goes wrong any more; who is held is released. */
    public synchronized void clear() {
        schedule.clear();
        holds.forEach(holding -> holding.hold().release());
        holds.clear();
    }

    /** What has happened, in order. */
    public synchronized List<Fired> fired() {
        return List.copyOf(fired);
    }

    /**
     * Counts one request and tells what goes wrong with it.
     *
     * @param texts that vectors are asked for
     */
    public synchronized Planned plan(Endpoint endpoint, String request, List<String> texts) {
        List<Fault> faults = new ArrayList<>();
        for (Iterator<Scheduled> each = schedule.iterator(); each.hasNext(); ) {
            Scheduled scheduled = each.next();
            if (scheduled.turns().endpoint == endpoint) {
                boolean meant = !(scheduled.fault() instanceof Fault.OfTexts some) || some.meets(texts);
                if (scheduled.turns().fires() && meant) {
                    faults.add(scheduled.fault());
                    fired.add(new Fired(request, endpoint, scheduled.fault()));
                }
                if (scheduled.turns().over()) {
                    each.remove();
                }
            }
        }
        List<Hold> before = new ArrayList<>();
        List<Hold> after = new ArrayList<>();
        holds.stream()
                .filter(holding ->
                        holding.turns().endpoint == endpoint && holding.turns().fires())
                .forEach(holding ->
                        (holding.moment() == Moment.BEFORE_IT_IS_EXECUTED ? before : after).add(holding.hold()));
        return new Planned(faults, before, after);
    }

    /** What is refused of texts in realtime, which batches refuse too. */
    public synchronized List<Fault.OfTexts> ofTexts() {
        return schedule.stream()
                .map(Scheduled::fault)
                .filter(Fault.OfTexts.class::isInstance)
                .map(Fault.OfTexts.class::cast)
                .toList();
    }

    private synchronized void add(Scheduled scheduled) {
        schedule.add(scheduled);
    }

    private static Fault checked(Endpoint endpoint, Fault fault) {
        if (!fault.fits(endpoint)) {
            throw new IllegalArgumentException(fault + " cannot happen to " + endpoint);
        }
        return fault;
    }
}
