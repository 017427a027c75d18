package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.status.TerminationMessages;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BinaryOperator;

/**
 * What runners said at their end whose pods are gone: a pod may be deleted between two passes, and the last one of a run is
 * the only one that knows all of it. Of each Job the words that tell most are kept, for as long as the Job is there.
 */
final class LastWords {
    private static final Comparator<Progress.Whole> MOST_LAST =
            Comparator.comparingInt(Progress.Whole::completeShards).thenComparingLong(Progress.Whole::finished);

    private static final Comparator<Progress> MOST_TOLD_LAST = TerminationMessages.LAST_READ_LAST.thenComparing(
            Comparator.comparing(Progress::whole, Comparator.nullsFirst(MOST_LAST)));

    private final Map<String, Progress> byJob = new ConcurrentHashMap<>();

    /** @param job the uid of the pod's Job */
    void gone(String job, Pod pod) {
        TerminationMessages.finalProgress(pod)
                .ifPresent(said -> byJob.merge(job, said, BinaryOperator.maxBy(MOST_TOLD_LAST)));
    }

    /** @param job the uid of the Job */
    Optional<Progress> of(String job) {
        return Optional.ofNullable(byJob.get(job));
    }

    void forget(String job) {
        byJob.remove(job);
    }
}
