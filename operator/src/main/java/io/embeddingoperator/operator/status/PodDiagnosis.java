package io.embeddingoperator.operator.status;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Tells from a pod what keeps it from embedding. */
final class PodDiagnosis {
    private PodDiagnosis() {}

    /** Empty when the pod works, starts as it should, or ended well. */
    static Optional<PodTrouble> of(ShardPod pod, Instant now) {
        PodEnd end = new PodEnd(pod);
        return switch (pod.phase()) {
            case "Succeeded" -> Optional.empty();
            case "Failed" -> Optional.of(end.trouble());
            case "Running" -> end.disruption().map(Function.identity());
            default ->
                end.disruption().<PodTrouble>map(Function.identity()).or(() -> new PodWaiting(pod, now).trouble());
        };
    }
}
