package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Waiting;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Tells from the pods of a run whether its budget is used up and nothing is left to wait for. */
public final class UsedUpBudget {
    /** The clock of the API server and ours may differ by so much, and a node may read a ConfigMap a moment late. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private UsedUpBudget() {}

    /**
     * Whether a runner has paused for want of money while no other one works. Who still works is waited for: it may have
     * paid for what it is about to write.
     *
     * @param changed when what the pods read was last changed, or null when it never was: pods from before may not know of
     *     the budget as it is now
     */
    public static boolean isSeen(EmbeddingJob manifest, Observation seen, Instant changed) {
        if (manifest.getSpec().budget() == null) {
            return false;
        }
        JobState job = JobState.of(manifest, seen.job());
        Map<Integer, Progress> live = Reports.of(manifest, seen).live().stream()
                .collect(Collectors.toMap(Progress::shard, Function.identity()));
        boolean paused = false;
        for (Map.Entry<Integer, ShardPod> shard : RunPods.of(seen).newest().entrySet()) {
            ShardPod pod = shard.getValue();
            boolean waits = isOutOfMoney(live.get(shard.getKey()));
            if (pod.isRunning() && !waits) {
                return false;
            }
            paused |= !job.succeeded().contains(shard.getKey())
                    && (waits || hasEnded(pod))
                    && knowsTheBudget(pod, changed);
        }
        return paused;
    }

    private static boolean isOutOfMoney(Progress said) {
        return said != null && said.waiting() != null && said.waiting().reason() == Waiting.Reason.BudgetExhausted;
    }

    static boolean hasEnded(ShardPod pod) {
        return pod.ended()
                .filter(state -> state.getExitCode() != null && state.getExitCode() == ExitCode.BUDGET_EXHAUSTED.code())
                .isPresent();
    }

    private static boolean knowsTheBudget(ShardPod pod, Instant changed) {
        try {
            return changed == null
                    || pod.created() != null && Instant.parse(pod.created()).isAfter(changed.plus(SLACK));
        } catch (DateTimeException _) {
            return false;
        }
    }
}
