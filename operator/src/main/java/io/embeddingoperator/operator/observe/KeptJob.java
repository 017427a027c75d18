package io.embeddingoperator.operator.observe;

import io.embeddingoperator.operator.desired.CancelJob;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpecBuilder;
import java.util.Optional;

/** What is kept of a Job: all but what its pods are made of, which never changes once it was created. */
final class KeptJob {
    private KeptJob() {}

    static Job of(Job read) {
        ObjectMeta metadata = KeptMetadata.ofChild(read.getMetadata());
        if (metadata.getOwnerReferences().isEmpty() && !CancelJob.isOne(metadata)) {
            return new JobBuilder()
                    .withMetadata(KeptMetadata.ofForeignObject(read.getMetadata()))
                    .build();
        }
        JobSpec spec = Optional.ofNullable(read.getSpec()).map(KeptJob::spec).orElse(null);
        return new JobBuilder()
                .withMetadata(metadata)
                .withSpec(spec)
                .withStatus(read.getStatus())
                .build();
    }

    private static JobSpec spec(JobSpec read) {
        return new JobSpecBuilder()
                .withCompletionMode(read.getCompletionMode())
                .withCompletions(read.getCompletions())
                .withParallelism(read.getParallelism())
                .withSuspend(read.getSuspend())
                .withTtlSecondsAfterFinished(read.getTtlSecondsAfterFinished())
                .build();
    }
}
