package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.operator.observe.Observation;
import io.embeddingoperator.operator.status.PodTrouble.RunnerEnded;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.IntPredicate;

/**
 * The pods of a run, shard by shard.
 *
 * @param all every pod, ended ones included
 * @param newest the pod of each shard that counts
 */
record RunPods(List<ShardPod> all, SortedMap<Integer, ShardPod> newest, Instant at) {
    static RunPods of(Observation seen) {
        List<ShardPod> all = seen.pods().stream().map(ShardPod::new).toList();
        SortedMap<Integer, ShardPod> newest = new TreeMap<>();
        all.forEach(pod ->
                pod.shard().ifPresent(shard -> newest.merge(shard, pod, BinaryOperator.maxBy(ShardPod.NEWEST_LAST))));
        return new RunPods(all, newest, seen.at());
    }

    long live() {
        return all.stream().filter(ShardPod::isLive).count();
    }

    /** Shards that a pod works on. */
    int running() {
        return (int) newest.values().stream().filter(ShardPod::isRunning).count();
    }

    /** Pods that will run soon, other than those of shards that have a trouble. */
    long starting(Set<Integer> troubled) {
        return newest.entrySet().stream()
                .filter(shard -> !troubled.contains(shard.getKey()))
                .map(Map.Entry::getValue)
                .filter(pod -> pod.isLive() && !pod.isTerminating() && !pod.isRunning())
                .count();
    }

    /** Whether a pod that does not run yet has its node: the longest part of a start is what happens there. */
    boolean anyOnItsNode() {
        return newest.values().stream()
                .filter(pod -> pod.phase().equals("Pending") && !pod.isTerminating())
                .anyMatch(pod -> pod.condition("PodScheduled")
                        .filter(scheduled -> "True".equals(scheduled.getStatus()))
                        .isPresent());
    }

    /** What keeps a pod from ending; empty as long as none takes longer than it may. */
    Optional<PodTrouble> heldUp() {
        return all.stream()
                .map(pod -> PodDiagnosis.lostNode(pod, at))
                .flatMap(Optional::stream)
                .findFirst();
    }

    boolean anySucceeded() {
        return all.stream().anyMatch(pod -> pod.phase().equals("Succeeded"));
    }

    /** When the last one of those that ended did so, in RFC 3339; empty when none has, or does not say when. */
    Optional<String> lastEnd() {
        return all.stream()
                .map(ShardPod::ended)
                .flatMap(Optional::stream)
                .map(ContainerStateTerminated::getFinishedAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
    }

    /** What keeps the newest pods of these shards from embedding. */
    SortedMap<Integer, PodTrouble> troubles(IntPredicate shards) {
        SortedMap<Integer, PodTrouble> troubles = new TreeMap<>();
        for (Map.Entry<Integer, ShardPod> shard : newest.entrySet()) {
            if (shards.test(shard.getKey())) {
                PodDiagnosis.of(shard.getValue(), at).ifPresent(trouble -> troubles.put(shard.getKey(), trouble));
            }
        }
        return troubles;
    }

    /** The first runner that ended with this code. */
    Optional<RunnerEnded> ended(ExitCode code) {
        return all.stream()
                .filter(pod -> pod.phase().equals("Failed"))
                .map(pod -> PodDiagnosis.of(pod, at).orElseThrow())
                .filter(RunnerEnded.class::isInstance)
                .map(RunnerEnded.class::cast)
                .filter(ended -> ended.code() == code)
                .findFirst();
    }
}
