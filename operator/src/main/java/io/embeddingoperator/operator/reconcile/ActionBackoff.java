package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Spaces out a change of a Job that another client undoes again and again, such as an admission webhook that caps its parallelism:
 * each time the operator waits twice as long before it repeats the change. Any other change of the Job is made at once.
 */
final class ActionBackoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** After this time without a repetition the pause begins anew; it exceeds the longest pause, which could not be reached otherwise. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    private final Clock clock;
    private final Map<Change, Attempt> attempts = new ConcurrentHashMap<>();

    ActionBackoff(Clock clock) {
        this.clock = clock;
    }

    /** How long to wait before the action is carried out; zero when it may be now, and then it counts as carried out. */
    Duration untilAllowed(NextAction action, EmbeddingJob manifest) {
        // What is created or deleted is seen to be there or gone: it needs no repetition.
        if (!(action instanceof NextAction.JobChange)) {
            return Duration.ZERO;
        }
        Instant now = clock.instant();
        attempts.values().removeIf(attempt -> !now.isBefore(attempt.at().plus(FORGOTTEN)));
        Change change = new Change(
                manifest.getMetadata().getUid(), manifest.getMetadata().getGeneration(), action.getClass());
        Attempt last = attempts.get(change);
        if (last == null) {
            attempts.put(change, new Attempt(now, FIRST));
            return Duration.ZERO;
        }
        if (now.isBefore(last.next())) {
            return Duration.between(now, last.next());
        }
        attempts.put(
                change,
                new Attempt(now, EmbeddingJobReconciler.shorter(last.pause().multipliedBy(2), LONGEST)));
        return Duration.ZERO;
    }

    /** @param generation of the manifest: a change that a person asks for anew is made at once */
    private record Change(String uid, Long generation, Class<? extends NextAction> action) {}

    /** @param pause before the next attempt */
    private record Attempt(Instant at, Duration pause) {
        Instant next() {
            return at.plus(pause);
        }
    }
}
