package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.Progress.Waiting;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the budget of a run is used up and nothing is left to wait for. A pod reads the budget when it starts, and keeps to
 * it: it does not hear of a budget that was lowered since then, and has to be stopped.
 */
public final class UsedUpBudget {
    /** The clocks of the API server and of the operator may differ by so much, and a node may read a ConfigMap a moment late. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private UsedUpBudget() {}

    /**
     * Whether a runner has paused because the budget is used up while no other one works. The operator waits for a runner that
     * still works: it may have paid for what it is about to write. It does not wait where the run has cost as much as the budget
     * allows and a pod is at work that may have read a larger budget: that pod would go on spending. A pod that is stopped stores
     * what it has paid for before it ends.
     *
     * @param changed when what the pods read was last changed, or null when it never was: pods from before may not know of
     *     the budget as it is now
     */
    public static boolean isSeen(EmbeddingJob manifest, Observation seen, @Nullable Instant changed) {
        if (manifest.getSpec().budget() == null) {
            return false;
        }
        JobState job = JobState.of(manifest, seen.job());
        Reports reports = Reports.of(manifest, seen);
        RunPods pods = RunPods.of(seen);
        if (isSpent(manifest, reports)
                && pods.all().stream().anyMatch(pod -> pod.isRunning() && !knowsTheBudget(pod, changed))) {
            return true;
        }
        Map<Integer, Progress> live = reports.live().stream()
                .collect(Collectors.toMap(said -> said.process().shard(), Function.identity()));
        boolean paused = false;
        for (Map.Entry<Integer, ShardPod> shard : pods.newest().entrySet()) {
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

    private static boolean isSpent(EmbeddingJob manifest, Reports reports) {
        String costUsd = RunNumbers.costUsd(reports, StatusDecision.ofSameRun(manifest));
        BudgetSpec budget = manifest.getSpec().budget();
        return costUsd != null && budget != null && new BigDecimal(costUsd).compareTo(budget.usd()) >= 0;
    }

    private static boolean isOutOfMoney(@Nullable Progress said) {
        return said != null && said.waiting() != null && said.waiting().reason() == Waiting.Reason.BudgetExhausted;
    }

    static boolean hasEnded(ShardPod pod) {
        return pod.ended()
                .filter(state -> state.getExitCode() != null && state.getExitCode() == ExitCode.BUDGET_EXHAUSTED.code())
                .isPresent();
    }

    private static boolean knowsTheBudget(ShardPod pod, @Nullable Instant changed) {
        try {
            return changed == null
                    || pod.created() != null && Instant.parse(pod.created()).isAfter(changed.plus(SLACK));
        } catch (DateTimeException _) {
            return false;
        }
    }
}
