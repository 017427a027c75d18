package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.contract.ExitCode;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRuleBuilder;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * What the end of a pod means for its shard; the first rule that matches decides.
 *
 * <ol>
 *   <li>A disruption (preemption, drain, lost node) is no failure of the runner: another pod goes on from the checkpoint.
 *   <li>A bad specification fails the Job at once: every other shard would say the same.
 *   <li>Too many failed documents, or more documents gone from the source than may be removed, fail this shard for good and
 *       let the others finish.
 *   <li>A runner that ended after SIGTERM or SIGINT wrote its checkpoint: it was stopped, it did not fail. Without this rule
 *       {@code kubectl delete pod}, or a drain that deletes instead of evicting, would use up the shard's retries. No fault of
 *       the runner leads to these signals: there is no liveness probe, and running out of memory is a SIGKILL. The one
 *       fault that may look alike is a pod over its ephemeral-storage limit, which gets SIGTERM and a second: its shard is
 *       then tried again without end, but at most every 10 minutes, for the delay counts ignored failures too.
 *   <li>A runner whose budget is used up has paused, by the same rule: the operator suspends the Job before the next pod has
 *       done much, and where it may not, under Kueue, that delay keeps the pods from asking all the time.
 * </ol>
 *
 * <p>Everything else counts as one of the shard's retries: {@link ExitCode#TRY_AGAIN}, a crash, a kill for memory. Pods that
 * the Job controller itself deletes, for suspend or for less parallelism, are never judged: it stops tracking a pod before it
 * deletes it.
 */
final class FailureRules {
    private FailureRules() {}

    static PodFailurePolicy policy() {
        return new PodFailurePolicyBuilder()
                .addNewRule()
                .withAction("Ignore")
                .addNewOnPodCondition("True", "DisruptionTarget")
                .endRule()
                .addToRules(
                        onExit("FailJob", ExitCode.BAD_SPECIFICATION),
                        onExit("FailIndex", ExitCode.TOO_MANY_FAILED_DOCUMENTS, ExitCode.ORPHAN_LIMIT_EXCEEDED),
                        onExit("Ignore", ExitCode.BUDGET_EXHAUSTED, ExitCode.INTERRUPTED, ExitCode.TERMINATED))
                .build();
    }

    /** Of the runner alone: what a sidecar ends with says nothing about the shard. */
    private static PodFailurePolicyRule onExit(String action, ExitCode... codes) {
        return new PodFailurePolicyRuleBuilder()
                .withAction(action)
                .withNewOnExitCodes()
                .withContainerName(RunnerPod.CONTAINER)
                .withOperator("In")
                .withValues(Stream.of(codes)
                        .map(ExitCode::code)
                        .sorted(Comparator.naturalOrder())
                        .toList())
                .endOnExitCodes()
                .build();
    }
}
