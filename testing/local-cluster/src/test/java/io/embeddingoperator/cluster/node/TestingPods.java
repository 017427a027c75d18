package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.controlplane.TestingControlPlane;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Pods of one namespace that run a bash script, under the pod security standard "restricted". */
record TestingPods(KubernetesClient client, String namespace) {
    /** A node has to have this image: bash itself. */
    static final String IMAGE = "bash:1";

    static final ProcessImage BASH = ProcessImage.of("bash", "-c");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    static TestingPods inNewNamespace() {
        return new TestingPods(TestingControlPlane.shared().client(), TestingControlPlane.newNamespace());
    }

    static PodSpec spec(String script) {
        return new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withAutomountServiceAccountToken(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .addNewContainer()
                .withName("main")
                .withImage(IMAGE)
                .withArgs(script)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .build();
    }

    Pod create(String name, String script) {
        return create(name, script, spec -> spec);
    }

    Pod create(String name, String script, UnaryOperator<PodSpecBuilder> change) {
        return client.pods()
                .inNamespace(namespace)
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withSpec(change.apply(new PodSpecBuilder(spec(script))).build())
                        .build())
                .create();
    }

    Pod await(String name, Predicate<Pod> condition) {
        return awaitObject(name, pod -> pod != null && condition.test(pod));
    }

    Pod awaitPhase(String name, String phase) {
        return await(name, pod -> phase.equals(pod.getStatus().getPhase()));
    }

    /** Whether it runs, and was not sent away before. */
    boolean awaitRunningOrGone(String name) {
        Predicate<Pod> runs = pod -> pod.getMetadata().getDeletionTimestamp() == null
                && "Running".equals(pod.getStatus().getPhase());
        return awaitObject(name, pod -> pod == null || runs.test(pod)) != null;
    }

    void awaitGone(String name) {
        awaitObject(name, Objects::isNull);
    }

    /** Looks again and again: a watch would not outlive the API server, and conditions here ask for more than the pod. */
    private Pod awaitObject(String name, Predicate<Pod> condition) {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            Pod pod = client.pods().inNamespace(namespace).withName(name).get();
            if (condition.test(pod)) {
                return pod;
            }
            assertThat(Instant.now())
                    .as("time to wait for pod %s, which is %s", name, pod)
                    .isBefore(end);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    ContainerStateWaiting awaitWaiting(String name, String reason) {
        return waiting(await(
                name,
                pod -> reason.equals(Optional.ofNullable(waiting(pod))
                        .map(ContainerStateWaiting::getReason)
                        .orElse(""))));
    }

    ContainerStateTerminated awaitEnd(String name) {
        return end(await(name, pod -> end(pod) != null));
    }

    List<String> eventMessages(String name, String reason) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> name.equals(event.getInvolvedObject().getName()))
                .filter(event -> reason.equals(event.getReason()))
                .map(Event::getMessage)
                .toList();
    }

    static ContainerStateTerminated end(Pod pod) {
        return state(pod).getTerminated();
    }

    static boolean isReady(Pod pod) {
        return pod.getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    private static ContainerStateWaiting waiting(Pod pod) {
        return state(pod).getWaiting();
    }

    private static ContainerState state(Pod pod) {
        var statuses = pod.getStatus().getContainerStatuses();
        return statuses.isEmpty() ? new ContainerState() : statuses.getFirst().getState();
    }
}
