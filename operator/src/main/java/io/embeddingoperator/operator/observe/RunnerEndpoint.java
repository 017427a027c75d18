package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.operator.desired.RunLabels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where a running pod answers {@code /progress}, and which job, run and shard its answer must name: another pod may have the
 * address by now.
 *
 * @param pod the name of the pod
 * @param progress the address of its progress document
 * @param job namespace/name of the EmbeddingJob
 * @param run the number of the run
 * @param shard the shard that the pod has
 */
public record RunnerEndpoint(String pod, URI progress, String job, int run, int shard) {
    /** The Job controller writes the shard of a pod here. */
    public static final String SHARD_ANNOTATION = "batch.kubernetes.io/job-completion-index";

    /** The Job controller counts here how often the shard failed before this pod. */
    public static final String FAILURES_ANNOTATION = "batch.kubernetes.io/job-index-failure-count";

    private static final String RUNNING = "Running";

    public RunnerEndpoint {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(job, "job");
    }

    /** Where the pod answers; empty when it does not run, has no address yet or is no runner of a shard. */
    public static Optional<RunnerEndpoint> of(Pod pod) {
        if (pod.getStatus() == null || !RUNNING.equals(pod.getStatus().getPhase())) {
            return Optional.empty();
        }
        ObjectMeta metadata = pod.getMetadata();
        Optional<PodAddress> address = PodAddress.of(pod);
        Optional<Integer> run = number(metadata.getLabels(), RunLabels.RUN);
        Optional<Integer> shard = number(metadata.getAnnotations(), SHARD_ANNOTATION);
        String name = metadata.getLabels() == null ? null : metadata.getLabels().get(RunLabels.JOB);
        if (name == null) {
            return Optional.empty();
        }
        return address.flatMap(open -> run.flatMap(counted -> shard.map(index -> new RunnerEndpoint(
                metadata.getName(), open.uri("/progress"), metadata.getNamespace() + "/" + name, counted, index))));
    }

    /** Whether the answer is that of this pod's runner. */
    public boolean isNamedIn(Progress answer) {
        return job.equals(answer.process().job())
                && run == answer.process().run()
                && Integer.valueOf(shard).equals(answer.process().shard());
    }

    private static Optional<Integer> number(Map<String, String> values, String key) {
        try {
            return Optional.ofNullable(values).map(entries -> entries.get(key)).map(Integer::valueOf);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
