package io.embeddingoperator.operator.decide;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Optional;

/** What to do next, from what should be and what is. Pure: the same arguments give the same answer. */
public final class Decision {
    private Decision() {}

    /**
     * The next action.
     *
     * @param current the Job of the manifest's run, also while it is being deleted
     * @param olderRuns the Jobs of this manifest's other runs, finished ones too
     */
    public static NextAction of(EmbeddingJob manifest, Optional<Job> current, List<Job> olderRuns) {
        return new NextAction.Nothing();
    }
}
