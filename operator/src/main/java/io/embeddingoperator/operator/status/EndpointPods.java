package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.PodTrouble.ContainerRefused;
import io.embeddingoperator.operator.status.PodTrouble.InvalidImage;
import io.embeddingoperator.operator.status.PodTrouble.SlowStart;
import io.embeddingoperator.operator.status.PodTrouble.Unschedulable;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What keeps the pods of an endpoint from answering. */
record EndpointPods(List<Pod> pods, Instant now) {
    private static final String RESTARTS = "restarting failed container";

    /** Of the newest pod that has one. */
    Optional<Trouble> trouble() {
        return pods.stream()
                .map(ShardPod::new)
                .filter(pod -> pod.isLive() && !pod.isTerminating())
                .sorted(Comparator.comparing(ShardPod::created)
                        .thenComparing(ShardPod::name)
                        .reversed())
                .map(this::trouble)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Trouble> trouble(ShardPod pod) {
        return new PodWaiting(pod, now)
                .trouble()
                // A pod that runs has its container, however long the model takes.
                .filter(waiting ->
                        !(waiting instanceof SlowStart) || !pod.phase().equals("Running"))
                .map(waiting -> new Trouble(word(waiting), sentence(waiting, pod)));
    }

    private static String word(Waiting waiting) {
        return isRestarted(waiting)
                ? EndpointWord.PodsFailing.name()
                : waiting.word().name();
    }

    /** As of a run's pod, but for what is advised about runs: pods of an endpoint are made anew by any edit of its template. */
    private static String sentence(Waiting waiting, ShardPod pod) {
        return switch (waiting) {
            case Unschedulable unschedulable ->
                "no node takes the pod %s: look at spec.template, or add nodes (the scheduler says: %s)"
                        .formatted(pod.name(), unschedulable.scheduler());
            case InvalidImage invalid ->
                "%s is no name of an image: correct it in %s".formatted(invalid.image(), invalid.place());
            case ContainerRefused _
            when isRestarted(waiting) ->
                "the pod %s ends soon after each start: ".formatted(pod.name())
                        + TerminationMessages.formerWords(pod)
                                .map(words -> Sentence.quote(words, 2 * Sentence.QUOTE))
                                .orElseGet(
                                        () -> "kubectl logs -n %s %s tells why".formatted(pod.namespace(), pod.name()));
            default -> waiting.sentence();
        };
    }

    private static boolean isRestarted(Waiting waiting) {
        return waiting instanceof ContainerRefused refused && refused.kubelet().contains(RESTARTS);
    }

    /** @param word one in CamelCase */
    record Trouble(String word, String sentence) {}
}
