package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.PodTrouble.LostNode;
import java.time.Instant;
import java.util.Optional;

/** Tells from a pod what keeps it from embedding. */
final class PodDiagnosis {
    private PodDiagnosis() {}

    /** Empty when the pod works, starts as it should, or ended well. */
    static Optional<PodTrouble> of(ShardPod pod, Instant now) {
        PodEnd end = new PodEnd(pod);
        return switch (pod.phase()) {
            case "Succeeded" -> Optional.empty();
            case "Failed" -> Optional.of(end.trouble());
            case "Running" -> lostNode(pod, now).or(end::disruption);
            default -> lostNode(pod, now).or(end::disruption).or(() -> new PodWaiting(pod, now).trouble());
        };
    }

    /** Empty as long as the pod's node answers, or has time left to say that the pod has ended. */
    static Optional<PodTrouble> lostNode(ShardPod pod, Instant now) {
        boolean givenUp =
                GracePeriod.forNode(pod).filter(period -> period.isOver(now)).isPresent();
        boolean isLost = givenUp || pod.isOnUnreachableNode() && !pod.isTerminating();
        return pod.node().filter(_ -> isLost).map(node -> new LostNode(node, givenUp));
    }
}
