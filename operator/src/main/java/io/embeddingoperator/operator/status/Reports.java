package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.observe.Observation;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * What the runners of a run said of themselves. Their counters come from committed windows and are those of the shard, not of
 * the process: of several reports of a shard the furthest is the newest, whoever made it.
 *
 * @param furthest the report that counts, by shard
 * @param live what running pods said just now, by shard
 */
record Reports(SortedMap<Integer, Progress> furthest, Collection<Progress> live) {
    static final Reports NONE = new Reports(new TreeMap<>(), List.of());

    private static final Comparator<Progress> FURTHEST_LAST = Comparator.comparingLong(Reports::finished)
            .thenComparingLong(progress -> progress.work().done())
            .thenComparing(progress -> progress.phase() == Progress.Phase.Complete);

    static Reports of(EmbeddingJob manifest, Observation seen) {
        int run = manifest.getSpec().runNonce();
        SortedMap<Integer, Progress> furthest = new TreeMap<>();
        Map<Integer, Progress> live = new HashMap<>();
        Set<String> present = new HashSet<>();
        for (Pod each : seen.pods()) {
            ShardPod pod = new ShardPod(each);
            present.add(pod.name());
            TerminationMessages.finalProgress(each).ifPresent(said -> add(furthest, run, pod.shard(), said));
            Progress answer = seen.progress().get(pod.name());
            if (answer != null) {
                add(furthest, run, pod.shard(), answer);
                if (pod.isRunning()) {
                    add(live, run, pod.shard(), answer);
                }
            }
        }
        seen.progress().forEach((pod, heard) -> {
            if (!present.contains(pod)) {
                add(furthest, run, OptionalInt.empty(), heard);
            }
        });
        return new Reports(furthest, List.copyOf(live.values()));
    }

    /** Every shard was heard, and knows how much it has to do: a runner that failed before it had a plan does not. */
    boolean allPlanned(int shards) {
        return allHeard(shards)
                && furthest.values().stream()
                        .noneMatch(said -> said.phase() == Progress.Phase.Failed
                                && said.work().total() <= 0);
    }

    /** Every shard is done, and its runner said so. */
    boolean allComplete(int shards) {
        return allHeard(shards) && furthest.values().stream().allMatch(said -> said.phase() == Progress.Phase.Complete);
    }

    private boolean allHeard(int shards) {
        return !furthest.isEmpty() && furthest.size() >= shards;
    }

    boolean indexing() {
        return live.stream().anyMatch(said -> said.phase() == Progress.Phase.Indexing);
    }

    /** Documents that are through, whatever became of them. */
    static long finished(Progress progress) {
        return Count.sum(
                progress.documents().embedded(),
                progress.documents().skipped(),
                progress.documents().failed());
    }

    /** The Job knows which shard a pod has; where the pod is gone its runner's own word has to do. */
    private static void add(Map<Integer, Progress> reports, int run, OptionalInt shard, Progress said) {
        Integer index = shard.isPresent() ? Integer.valueOf(shard.getAsInt()) : said.shard();
        if (index != null && said.run() == run) {
            reports.merge(index, said, BinaryOperator.maxBy(FURTHEST_LAST));
        }
    }
}
