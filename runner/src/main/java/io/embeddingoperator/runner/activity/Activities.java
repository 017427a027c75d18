package io.embeddingoperator.runner.activity;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What the threads of this process are in the middle of. When nothing moves any more, the oldest of it is what the process
 * waits for.
 */
public final class Activities {
    private static final Activities PROCESS = new Activities(System::nanoTime);

    private final Set<Activity> open = ConcurrentHashMap.newKeySet();
    private final LongSupplier nanoTime;

    public Activities(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Those of this process: there is one, and each part of it may add to them. */
    public static Activities ofThisProcess() {
        return PROCESS;
    }

    /** The calling thread begins something; a sentence begins with its name. */
    public Activity begin(String name) {
        Activity activity = new Activity(this, name, nanoTime);
        open.add(activity);
        return activity;
    }

    /**
     * What has taken longest, if it has taken so long: of a thread that is in several things, one inside the other, the
     * innermost.
     */
    public Optional<Activity> longest(Duration atLeast) {
        Collection<Activity> innermost = open.stream()
                .collect(Collectors.toMap(
                        Activity::thread,
                        activity -> activity,
                        BinaryOperator.maxBy(Comparator.comparingLong(Activity::since))))
                .values();
        return innermost.stream()
                .min(Comparator.comparingLong(Activity::since))
                .filter(activity -> activity.age().compareTo(atLeast) >= 0);
    }

    void ended(Activity activity) {
        open.remove(activity);
    }
}
