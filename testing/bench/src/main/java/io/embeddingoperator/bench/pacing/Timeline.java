package io.embeddingoperator.bench.pacing;

import java.time.Duration;
import java.util.PriorityQueue;

/** Simulated time: what happens next happens at once, and what happens at the same moment in the order in which it was planned. */
final class Timeline {
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long planned;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    /** Nanoseconds since the start. */
    long now() {
        return now;
    }

    void in(long nanos, Runnable action) {
        events.add(new Event(now + Math.max(0, nanos), planned++, action));
    }

    void run(Duration length) {
        long end = length.toNanos();
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event event = events.poll();
            now = event.at();
            event.action().run();
        }
        now = end;
    }
}
