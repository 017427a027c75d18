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
 * The final progress of runners whose pods were deleted: a pod may be deleted between two passes, and only the last pod of a run
 * knows all of it. Of each Job the most complete report is kept, for as long as the Job exists.
 */
final class TerminationReports {
    private static final Comparator<Progress.Whole> FURTHEST_LAST = Comparator.comparingInt(
                    Progress.Whole::completeShards)
            .thenComparingLong(whole -> whole.counts().finished());

    private static final Comparator<Progress> MOST_COMPLETE_LAST = TerminationMessages.LAST_READ_LAST.thenComparing(
            Comparator.comparing(Progress::whole, Comparator.nullsFirst(FURTHEST_LAST)));

    private final Map<String, Progress> byJob = new ConcurrentHashMap<>();

    /** @param job the uid of the pod's Job */
    void add(String job, Pod pod) {
        TerminationMessages.finalProgress(pod)
                .ifPresent(report -> byJob.merge(job, report, BinaryOperator.maxBy(MOST_COMPLETE_LAST)));
    }

    /** @param job the uid of the Job */
    Optional<Progress> of(String job) {
        return Optional.ofNullable(byJob.get(job));
    }

    void forget(String job) {
        byJob.remove(job);
    }
}
