package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.CountedRun;
import io.embeddingoperator.operator.observe.Observation;
import io.embeddingoperator.operator.status.PodTrouble.RunnerWaits;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the runners of a run reported. Their counters come from committed windows and are those of the shard, not of the process: of
 * several reports of a shard the furthest is the newest. It does not matter which pod made it.
 *
 * @param furthest the report that counts, by shard
 * @param live what running pods answered just now, one for each shard
 * @param whole the most that any of them reported of the whole run, or null where none did
 * @param last the report of the runner that read the run in the sink last, or null where none did
 * @param endedSilent whether a runner ended well and did not report what the sink holds, as runners of earlier versions do
 */
record Reports(
        SortedMap<Integer, Progress> furthest,
        Collection<Progress> live,
        Progress.@Nullable Whole whole,
        @Nullable Progress last,
        boolean endedSilent) {
    static final Reports NONE = new Reports(new TreeMap<>(), List.of(), null, null, false);

    private static final Comparator<Progress> FURTHEST_LAST = Comparator.comparingLong(Reports::finished)
            .thenComparingLong(progress -> progress.committed().work().done())
            .thenComparing(progress -> progress.phase() == Progress.Phase.Complete);

    static Reports of(EmbeddingJob manifest, Observation seen) {
        Heard heard = new Heard(CountedRun.of(manifest).number());
        Map<Integer, Progress> live = new HashMap<>();
        Set<String> present = new HashSet<>();
        for (Pod each : seen.pods()) {
            ShardPod pod = new ShardPod(each);
            present.add(pod.name());
            TerminationMessages.finalProgress(each).ifPresent(said -> heard.add(pod.shard(), said));
            Progress answer = seen.progress().get(pod.name());
            if (answer != null) {
                heard.add(pod.shard(), answer);
                if (pod.isRunning()) {
                    heard.merge(live, pod.shard(), answer);
                }
            }
        }
        seen.progress().forEach((pod, said) -> {
            if (!present.contains(pod)) {
                heard.add(OptionalInt.empty(), said);
            }
        });
        if (seen.terminationReport() != null) {
            heard.add(OptionalInt.empty(), seen.terminationReport());
        }
        return new Reports(
                heard.furthest,
                List.copyOf(live.values()),
                WholeRun.most(heard.all.stream()),
                heard.all.stream()
                        .filter(said -> said.sink() != null)
                        .max(TerminationMessages.LAST_READ_LAST)
                        .orElse(null),
                heard.all.stream().anyMatch(said -> said.phase() == Progress.Phase.Complete && said.sink() == null));
    }

    /** The run as it was last read in the sink by a runner that ended. */
    Optional<Progress.SinkState> sink() {
        return Optional.ofNullable(last).map(Progress::sink);
    }

    /** The reports of the runners of one run. */
    private record Heard(int run, SortedMap<Integer, Progress> furthest, List<Progress> all) {
        Heard(int run) {
            this(run, new TreeMap<>(), new ArrayList<>());
        }

        void add(OptionalInt shard, Progress said) {
            if (said.process().run() == run) {
                all.add(said);
                merge(furthest, shard, said);
            }
        }

        /** The Job knows which shard a pod has; where the pod was deleted, the report itself has to tell. */
        void merge(Map<Integer, Progress> reports, OptionalInt shard, Progress said) {
            Integer index = shard.isPresent()
                    ? Integer.valueOf(shard.getAsInt())
                    : said.process().shard();
            if (index != null && said.process().run() == run) {
                reports.merge(index, said, BinaryOperator.maxBy(FURTHEST_LAST));
            }
        }
    }

    /** Whether every shard was heard, and knows how much it has to do: a runner that has no plan yet, or failed before, does not. */
    boolean allPlanned(int shards) {
        return allHeard(shards)
                && furthest.values().stream()
                        .noneMatch(said -> isPlanless(said.phase())
                                && said.committed().work().total() <= 0);
    }

    private static boolean isPlanless(Progress.Phase phase) {
        return phase == Progress.Phase.Failed || phase == Progress.Phase.Planning;
    }

    /**
     * Whether every shard is done, and its counts were reported: by its own runner, or by one that knew of all shards.
     *
     * @param shards that the Job has; a source with few documents is divided into fewer
     */
    boolean allComplete(int shards) {
        return whole != null && whole.completeShards() >= planned(shards)
                || allHeard(shards)
                        && furthest.values().stream().allMatch(said -> said.phase() == Progress.Phase.Complete);
    }

    private int planned(int shards) {
        return furthest.values().stream()
                .map(Progress::planned)
                .filter(Objects::nonNull)
                .mapToInt(Progress.Planned::shards)
                .max()
                .orElse(shards);
    }

    private boolean allHeard(int shards) {
        return !furthest.isEmpty() && furthest.size() >= shards;
    }

    boolean indexing() {
        return live.stream().anyMatch(said -> said.phase() == Progress.Phase.Indexing);
    }

    /** What keeps running pods from going on, by shard. */
    SortedMap<Integer, RunnerWaits> waiting() {
        SortedMap<Integer, RunnerWaits> waiting = new TreeMap<>();
        for (Progress said : live) {
            if (said.waiting() != null && said.process().shard() != null) {
                waiting.put(said.process().shard(), RunnerWaits.of(said.waiting()));
            }
        }
        return waiting;
    }

    /** Documents that were embedded, skipped or failed. */
    static long finished(Progress progress) {
        return Count.sum(
                progress.committed().documents().embedded(),
                progress.committed().documents().skipped(),
                progress.committed().documents().failed());
    }
}
