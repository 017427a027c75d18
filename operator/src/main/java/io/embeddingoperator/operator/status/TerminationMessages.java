package io.embeddingoperator.operator.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.contract.TerminationMessage;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The final progress of runners that ended, from the termination messages that Kubernetes keeps. */
public final class TerminationMessages {
    /** Of two reports the one that was read in the sink later counts; one that was not read there counts least. */
    public static final Comparator<Progress> LAST_READ_LAST =
            Comparator.comparing(TerminationMessages::readAt, Comparator.nullsFirst(Comparator.naturalOrder()));

    private TerminationMessages() {}

    private static @Nullable Instant readAt(Progress said) {
        try {
            return said.sink() == null ? null : Instant.parse(said.sink().readAt());
        } catch (DateTimeException _) {
            return null;
        }
    }

    /** Empty when the pod's runner has not ended, or when it left no progress that can be read. */
    public static Optional<Progress> finalProgress(Pod pod) {
        return new ShardPod(pod)
                .ended()
                .map(ContainerStateTerminated::getMessage)
                .flatMap(TerminationMessages::read);
    }

    /** What the runner said when it ended before Kubernetes started it again; empty as above. */
    static Optional<String> formerWords(ShardPod pod) {
        return pod.endedBefore()
                .map(ContainerStateTerminated::getMessage)
                .flatMap(TerminationMessages::read)
                .map(Progress::message);
    }

    /** A process that was killed leaves half a message, and another program may leave one of its own. */
    private static Optional<Progress> read(String message) {
        try {
            return Optional.ofNullable(TerminationMessage.read(message));
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }
}
