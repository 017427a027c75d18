package io.embeddingoperator.runner.sink.database;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a lock is waited for that is not sure to be given back. A runner at work may have it for hours, and ends it.
 *
 * @param stranger held by another role's session
 * @param silent held by a session of this runner's own role that does nothing. Of a runner that froze the server ends it
 *     before this is over
 */
record LockPatience(Duration stranger, Duration silent, LongSupplier nanoTime) {
    static final LockPatience USUAL =
            new LockPatience(Duration.ofSeconds(20), Duration.ofSeconds(90), System::nanoTime);

    Waiting begin() {
        return new Waiting();
    }

    /** One wait: it begins anew while the holder works. */
    final class Waiting {
        private long since = nanoTime.getAsLong();

        boolean isOver(LockHolder holder) {
            if (holder.atWork()) {
                since = nanoTime.getAsLong();
                return false;
            }
            Duration limit = holder.ownRole() ? silent : stranger;
            return nanoTime.getAsLong() - since > limit.toNanos();
        }
    }
}
