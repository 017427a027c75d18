package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.ExitCode;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Every pod that a job ever had, deleted ones included. */
public final class PodHistory implements AutoCloseable, ResourceEventHandler<Pod> {
    private static final String RUN = "embedding-operator.io/run";

    private final Map<String, Pod> lastSeen = new LinkedHashMap<>();
    private final Map<String, Pod> present = new LinkedHashMap<>();
    private final List<String> overlaps = new CopyOnWriteArrayList<>();
    private final SharedIndexInformer<Pod> informer;

    private PodHistory(TestingJob job) {
        informer = job.cluster()
                .client()
                .pods()
                .inNamespace(job.namespace())
                .runnableInformer(0)
                .addEventHandler(this);
    }

    /** Begins to watch the pods of a job. */
    public static PodHistory of(TestingJob job) {
        PodHistory history = new PodHistory(job);
        history.informer.start().toCompletableFuture().join();
        return history;
    }

    /** All pods that there were, as they were seen last. */
    public synchronized List<Pod> all() {
        return List.copyOf(lastSeen.values());
    }

    /** The pods of these names were told to stop and did so in an orderly way: with a checkpoint and the exit code that says so. */
    public void assertLeftWithACheckpoint(Collection<String> pods) {
        assertThat(pods)
                .isNotEmpty()
                .allSatisfy(pod -> assertThat(end(pod)).hasValueSatisfying(end -> {
                    assertThat(end.getExitCode()).isEqualTo(ExitCode.TERMINATED.code());
                    // One whose last window was open has nothing left to do.
                    assertThat(end.getMessage()).containsAnyOf("\"Interrupted\"", "\"Complete\"");
                }));
    }

    /** At no time had two runs a pod: they would have paid twice. */
    public void assertOneRunAtATime() {
        assertThat(overlaps).as("pods of two runs at once").isEmpty();
    }

    private synchronized Optional<ContainerStateTerminated> end(String pod) {
        return Optional.ofNullable(lastSeen.get(pod)).map(Pod::getStatus).stream()
                .flatMap(status -> status.getContainerStatuses().stream())
                .map(container -> container.getState())
                .filter(Objects::nonNull)
                .map(ContainerState::getTerminated)
                .filter(Objects::nonNull)
                .findFirst();
    }

    @Override
    public synchronized void onAdd(Pod pod) {
        lastSeen.put(name(pod), pod);
        present.put(name(pod), pod);
        Map<String, List<String>> byRun = present.values().stream()
                .filter(other -> !List.of("Succeeded", "Failed")
                        .contains(other.getStatus().getPhase()))
                .collect(Collectors.groupingBy(
                        other -> String.valueOf(other.getMetadata().getLabels().get(RUN)),
                        Collectors.mapping(PodHistory::name, Collectors.toList())));
        if (byRun.size() > 1) {
            overlaps.add(byRun.toString());
        }
    }

    @Override
    public synchronized void onUpdate(Pod before, Pod after) {
        lastSeen.put(name(after), after);
        present.put(name(after), after);
    }

    @Override
    public synchronized void onDelete(Pod pod, boolean finalStateUnknown) {
        lastSeen.put(name(pod), pod);
        present.remove(name(pod));
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    @Override
    public void close() {
        informer.close();
    }
}
