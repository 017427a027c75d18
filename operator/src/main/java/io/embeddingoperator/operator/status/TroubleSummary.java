package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.PodTrouble.Disrupted;
import io.embeddingoperator.operator.status.PodTrouble.Ended;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/** The troubles of many shards in a few words: one clause tells of all shards with the same trouble. */
final class TroubleSummary {
    private static final int GROUPS_TOLD = 3;

    private final Map<PodTrouble, List<Integer>> shardsByTrouble;

    private TroubleSummary(Map<PodTrouble, List<Integer>> shardsByTrouble) {
        this.shardsByTrouble = shardsByTrouble;
    }

    /** @param troubles by shard, in the order of the shards */
    static TroubleSummary of(SortedMap<Integer, PodTrouble> troubles) {
        Map<PodTrouble, List<Integer>> grouped = new LinkedHashMap<>();
        troubles.forEach((shard, trouble) ->
                grouped.computeIfAbsent(trouble, _ -> new ArrayList<>()).add(shard));
        return new TroubleSummary(grouped.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<PodTrouble, List<Integer>> group) -> urgency(group.getKey()))
                        .thenComparingInt(group -> -group.getValue().size()))
                .collect(
                        Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, _) -> one, LinkedHashMap::new)));
    }

    boolean isEmpty() {
        return shardsByTrouble.isEmpty();
    }

    /** Whether a shard ended badly, other than by being moved. */
    boolean anyFailed() {
        return shardsByTrouble.keySet().stream().anyMatch(TroubleSummary::isFailure);
    }

    /** Whether every shard lacks nothing but a node: its pod was evicted, or no node has room for it. */
    boolean areOnlyAboutPlacement() {
        return shardsByTrouble.keySet().stream()
                .allMatch(trouble -> trouble instanceof PodTrouble.Unschedulable || trouble instanceof Disrupted);
    }

    /** The word for the whole job when none of its shards works. */
    StatusWord word() {
        return switch (shardsByTrouble.keySet().iterator().next()) {
            case Waiting waiting -> waiting.word();
            case Disrupted _ -> StatusWord.Pending;
            case Ended _ -> StatusWord.Retrying;
        };
    }

    /** For example {@code shard 3 failed and is tried again: its database was unavailable; shard 5 waits: …}. */
    String sentence() {
        String told = shardsByTrouble.entrySet().stream()
                .limit(GROUPS_TOLD)
                .map(group -> sentence(group.getValue(), group.getKey()))
                .collect(Collectors.joining("; "));
        long untold = shardsByTrouble.entrySet().stream()
                .skip(GROUPS_TOLD)
                .mapToLong(group -> group.getValue().size())
                .sum();
        if (untold == 0) {
            return told;
        }
        return told + "; and other troubles of " + Sentence.count(untold, "shard");
    }

    /** For shards that were given up, for example {@code shard 3 failed after 7 attempts: …}. */
    String failures(IntUnaryOperator attempts) {
        return shardsByTrouble.entrySet().stream()
                .limit(GROUPS_TOLD)
                .map(group -> "%s failed after %s: %s"
                        .formatted(
                                Sentence.shards(group.getValue()),
                                Sentence.count(
                                        group.getValue().stream()
                                                .mapToInt(attempts::applyAsInt)
                                                .max()
                                                .orElse(1),
                                        "attempt"),
                                group.getKey().sentence()))
                .collect(Collectors.joining("; "));
    }

    private static String sentence(List<Integer> shards, PodTrouble trouble) {
        boolean one = shards.size() == 1;
        String what = switch (trouble) {
            case Waiting _ -> one ? "waits" : "wait";
            case Disrupted(String _, boolean terminating) -> {
                String again = one ? "starts again elsewhere" : "start again elsewhere";
                yield terminating ? again + " once the old pod has ended" : again;
            }
            case Ended _ -> one ? "failed and is tried again" : "failed and are tried again";
        };
        return "%s %s: %s".formatted(Sentence.shards(shards), what, trouble.sentence());
    }

    private static boolean isFailure(PodTrouble trouble) {
        return switch (trouble) {
            case Waiting _, Disrupted _ -> false;
            case Ended _ -> true;
        };
    }

    /** What a person has to correct comes before what passes by itself. */
    private static int urgency(PodTrouble trouble) {
        return switch (trouble) {
            case Disrupted _ -> 3;
            case Waiting waiting -> waiting.word().isTrouble() ? 1 : 2;
            case Ended _ -> 0;
        };
    }
}
