package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.decide.NextAction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the operator from undoing over and over what somebody else does over and over to a Job, such as an admission webhook that
 * caps its parallelism: each further time it waits twice as long. Another change of the Job waits for nothing.
 */
final class Restraint {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** So long after the last time it is forgotten; beyond the longest wait, or that would never be reached. */
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);

    private final Clock clock;
    private final Map<Repeatable, Past> past = new ConcurrentHashMap<>();

    Restraint(Clock clock) {
        this.clock = clock;
    }

    /** How long to wait before the action is carried out; zero, and it counts as carried out, when it may be now. */
    Duration untilAllowed(NextAction action, EmbeddingJob manifest) {
        if (!isRepeatable(action)) {
            return Duration.ZERO;
        }
        Instant now = clock.instant();
        past.values().removeIf(before -> !now.isBefore(before.last().plus(FORGOTTEN)));
        Repeatable key = new Repeatable(
                manifest.getMetadata().getUid(), manifest.getMetadata().getGeneration(), action.getClass());
        Past before = past.get(key);
        if (before != null && now.isBefore(before.next())) {
            return Duration.between(now, before.next());
        }
        Duration pause = before == null
                ? FIRST
                : EmbeddingJobReconciler.shorter(before.pause().multipliedBy(2), LONGEST);
        past.put(key, new Past(now, pause));
        return Duration.ZERO;
    }

    /** Changes of a Job, which others may change back; what is created or deleted is seen to be there or gone. */
    private static boolean isRepeatable(NextAction action) {
        return switch (action) {
            case NextAction.Scale _,
                    NextAction.Suspend _,
                    NextAction.PauseAtBudget _,
                    NextAction.Resume _,
                    NextAction.Expire _ -> true;
            case NextAction.CreateRun _,
                    NextAction.StopOlderRun _,
                    NextAction.DeleteSuspended _,
                    NextAction.StartAgain _,
                    NextAction.Guard _,
                    NextAction.PrepareCancel _,
                    NextAction.StopRun _,
                    NextAction.StartCancel _,
                    NextAction.LetGo _,
                    NextAction.Wait _,
                    NextAction.Nothing _ -> false;
        };
    }

    /** @param generation of the manifest: what a person asks for anew is done at once */
    private record Repeatable(String uid, Long generation, Class<? extends NextAction> action) {}

    /** @param pause before the next time */
    private record Past(Instant last, Duration pause) {
        Instant next() {
            return last.plus(pause);
        }
    }
}
