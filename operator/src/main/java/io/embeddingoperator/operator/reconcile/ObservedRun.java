package io.embeddingoperator.operator.reconcile;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.RunNames;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The child objects of an EmbeddingJob, told apart by run.
 *
 * @param job the Job of the manifest's run
 * @param configMap what its pods read
 * @param cancel the Job that cancels the batches of a deleted EmbeddingJob
 * @param olderRuns the Jobs of other runs
 * @param olderConfigMaps what the pods of other runs read
 */
record ObservedRun(
        Optional<Job> job,
        Optional<ConfigMap> configMap,
        Optional<Job> cancel,
        List<Job> olderRuns,
        List<ConfigMap> olderConfigMaps) {
    private static final Set<String> ENDS = Set.of("Complete", "Failed");

    static ObservedRun of(EmbeddingJob manifest, List<Job> jobs, Optional<Job> cancel, List<ConfigMap> configMaps) {
        RunNames names = RunNames.of(manifest);
        return new ObservedRun(
                jobs.stream().filter(named(names.job())).findFirst(),
                configMaps.stream().filter(named(names.configMap())).findFirst(),
                cancel,
                jobs.stream().filter(named(names.job()).negate()).toList(),
                configMaps.stream().filter(named(names.configMap()).negate()).toList());
    }

    ObservedRun with(ConfigMap changed) {
        return new ObservedRun(job, Optional.of(changed), cancel, olderRuns, olderConfigMaps);
    }

    ObservedRun with(Job changed) {
        return new ObservedRun(Optional.of(changed), configMap, cancel, olderRuns, olderConfigMaps);
    }

    /** The Jobs of all runs. */
    List<Job> runs() {
        return Stream.concat(job.stream(), olderRuns.stream()).toList();
    }

    /** The Jobs of all runs that still have pods. */
    List<Job> runsAtWork() {
        return runs().stream().filter(run -> !isFinished(run)).toList();
    }

    /** The Jobs of other runs that still have pods. */
    List<Job> olderRunsAtWork() {
        return olderRuns.stream().filter(older -> !isFinished(older)).toList();
    }

    /** The ConfigMaps of other runs whose Job has gone or ended: no pod starts from them any more. */
    List<ConfigMap> unusedConfigMaps() {
        Set<String> used = olderRunsAtWork().stream()
                .map(older -> older.getMetadata().getName())
                .collect(Collectors.toSet());
        return olderConfigMaps.stream()
                .filter(older -> !used.contains(older.getMetadata().getName()))
                .toList();
    }

    static boolean isFinished(Job job) {
        return job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                ENDS.contains(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static Predicate<HasMetadata> named(String name) {
        return object -> name.equals(object.getMetadata().getName());
    }
}
