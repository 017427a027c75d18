package io.embeddingoperator.operator.observe;

import io.embeddingoperator.operator.desired.CancelJob;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpecBuilder;

/** What is kept of a Job: all but what its pods are made of, which never changes once it was created. */
final class KeptJob {
    private KeptJob() {}

    static Job of(Job read) {
        ObjectMeta metadata = KeptMetadata.ofChild(read.getMetadata());
        boolean mayBeOurs = !metadata.getOwnerReferences().isEmpty() || CancelJob.isOne(metadata);
        return mayBeOurs
                ? new JobBuilder()
                        .withMetadata(metadata)
                        .withSpec(spec(read.getSpec()))
                        .withStatus(read.getStatus())
                        .build()
                : new JobBuilder()
                        .withMetadata(KeptMetadata.ofStranger(read.getMetadata()))
                        .build();
    }

    private static JobSpec spec(JobSpec read) {
        return read == null
                ? null
                : new JobSpecBuilder()
                        .withCompletionMode(read.getCompletionMode())
                        .withCompletions(read.getCompletions())
                        .withParallelism(read.getParallelism())
                        .withSuspend(read.getSuspend())
                        .withTtlSecondsAfterFinished(read.getTtlSecondsAfterFinished())
                        .build();
    }
}
