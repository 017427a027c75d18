package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.BudgetSpec;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * The pause of a run whose budget is used up. An annotation of the Job says at which budget it was suspended: with any other
 * budget, or none, it goes on.
 */
public final class BudgetPause {
    /** The annotation of the Job with the budget at which it paused. */
    public static final String ANNOTATION = ApiVersion.GROUP + "/paused-at-budget";

    private BudgetPause() {}

    /** Whether the Job was paused at the very budget that the manifest still has. */
    public static boolean stands(EmbeddingJobSpec spec, Job job) {
        BudgetSpec budget = spec.budget();
        return budget != null
                && pausedAt(job).filter(usd -> usd.compareTo(budget.usd()) == 0).isPresent();
    }

    /** Empty also where another client wrote a value that is no budget. */
    private static Optional<BigDecimal> pausedAt(Job job) {
        return Optional.ofNullable(job.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(ANNOTATION))
                .flatMap(BudgetPause::read);
    }

    private static Optional<BigDecimal> read(String usd) {
        try {
            return Optional.of(new BudgetSpec(usd).usd());
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
